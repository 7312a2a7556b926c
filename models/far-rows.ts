/** Rows far outside the structures that a network is trained on, where its answers mean little. */
import type { Matrix, SplitName, SplitRows } from './axes.ts';
import type { AxisScaling } from './scaling.ts';
import { rowOf } from './vectors.ts';

/** Standard deviations beyond the range of the training rows: no sampled tail reaches as far. */
export const FAR_DEVIATIONS = 20;

export interface FarRows {
  /** Number of such rows of the split, and of all its rows. */
  readonly rows: number;
  readonly of: number;
  /** The value furthest out: row of the dataset, column of X, deviations beyond the range. */
  readonly worst: { readonly row: number; readonly column: number; readonly deviations: number };
}

/**
 * Returns the rows of a split that have a descriptor far outside its training range; null for none.
 * x: standardised with `scaling`.
 */
export function findFarRows(x: Matrix, scaling: AxisScaling, rows: SplitRows, split: SplitName): FarRows | null {
  const low = new Float64Array(x.columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(x.columns).fill(Number.NEGATIVE_INFINITY);
  for (const row of rows.train) {
    for (const [d, value] of rowOf(x, row).entries()) {
      if (value < (low[d] as number)) low[d] = value;
      if (value > (high[d] as number)) high[d] = value;
    }
  }
  let count = 0;
  let worst = { row: -1, column: -1, deviations: FAR_DEVIATIONS };
  for (const row of rows[split]) {
    let furthest = FAR_DEVIATIONS;
    for (const [d, value] of rowOf(x, row).entries()) {
      const deviations = Math.max((low[d] as number) - value, value - (high[d] as number));
      if (deviations <= furthest) continue;
      furthest = deviations;
      if (deviations > worst.deviations) worst = { row, column: scaling.kept[d] as number, deviations };
    }
    if (furthest > FAR_DEVIATIONS) count++;
  }
  return count === 0 ? null : { rows: count, of: rows[split].length, worst };
}
