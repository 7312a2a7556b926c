/** Positions of rows along random directions: near rows are near along every one. */
import type { Matrix } from '../../models/axes.ts';
import { stream } from '../../models/random.ts';
import type { ColumnSpreads } from './spreads.ts';

export interface Direction {
  /** By row. */
  readonly positions: Float64Array | Float32Array;
  /** Largest distance of near rows. */
  readonly reach: number;
}

/** Rows near along all of them are nearly always near. */
const DIRECTIONS = 4;

/**
 * Values further from the centre count as this many spreads: beyond, they would hide differences
 * in other columns behind the precision of positions. Near rows stay near.
 */
const FURTHEST = 64;

/** Projects rows onto directions. `tolerance`: limit of near rows in each column, in spreads. */
export async function projectRows(
  rows: number,
  chunks: AsyncIterable<Matrix>,
  spreads: ColumnSpreads,
  tolerance: number,
): Promise<Direction[]> {
  const columns = spreads.spreads.length;
  const { normal } = stream(1, 'direction');
  const directions = Array.from({ length: columns > 1 ? DIRECTIONS : 1 }, (_, i) => {
    const weights = Float64Array.from({ length: columns }, normal);
    const reach = weights.reduce((sum, weight, d) => sum + (spreads.spreads[d] ? tolerance * Math.abs(weight) : 0), 0);
    return {
      weights,
      // With the rounding of the sums, and of float32.
      reach: i === 0 ? reach * (1 + 1e-9) : reach * 1.01 + 1e-5 * Math.sqrt(columns),
      positions: i === 0 ? new Float64Array(rows) : new Float32Array(rows),
    };
  });
  const standardised = new Float64Array(columns);
  let row = 0;
  for await (const { data } of chunks) {
    for (let at = 0; at < data.length; at += columns, row++) {
      standardise(data, at, spreads, standardised);
      for (const { weights, positions } of directions) positions[row] = dot(standardised, weights);
    }
  }
  return directions;
}

function standardise(data: Float32Array, at: number, { centres, spreads }: ColumnSpreads, into: Float64Array): void {
  for (let d = 0; d < into.length; d++) {
    const distance = ((data[at + d] ?? 0) - (centres[d] ?? 0)) / (spreads[d] || 1);
    into[d] = Math.min(Math.max(distance, -FURTHEST), FURTHEST);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d] ?? 0) * (b[d] ?? 0);
  return sum;
}
