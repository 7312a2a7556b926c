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
  const weights = Array.from({ length: DIRECTIONS }, () => Float64Array.from({ length: columns }, normal));
  const directions = weights.map((own, i) => {
    const reach = own.reduce((sum, weight, d) => sum + (spreads.spreads[d] ? tolerance * Math.abs(weight) : 0), 0);
    return {
      // With the rounding of the sums, and of float32.
      reach: i === 0 ? reach * (1 + 1e-9) : reach * 1.01 + 1e-5 * Math.sqrt(columns),
      positions: i === 0 ? new Float64Array(rows) : new Float32Array(rows),
    };
  });
  let row = 0;
  for await (const { rows: count, data } of chunks) {
    project(data, spreads, weights, directions, row);
    row += count;
  }
  // Along a single column all directions are one.
  return columns > 1 ? directions : directions.slice(0, 1);
}

/** Projects rows, from number `row` on, onto all directions: values are standardised once. */
function project(
  data: Float32Array,
  { centres, spreads }: ColumnSpreads,
  weights: readonly Float64Array[],
  directions: readonly Direction[],
  row: number,
): void {
  const columns = spreads.length;
  // In an array and by one short loop for each direction: others make an object of each number.
  const values = new Float64Array(columns);
  for (let at = 0; at < data.length; at += columns, row++) {
    for (let d = 0; d < columns; d++) {
      const distance = ((data[at + d] ?? 0) - (centres[d] ?? 0)) / (spreads[d] || 1);
      values[d] = distance;
      if (distance > FURTHEST) values[d] = FURTHEST;
      else if (distance < -FURTHEST) values[d] = -FURTHEST;
    }
    for (let i = 0; i < directions.length; i++) {
      const { positions } = directions[i] as Direction;
      positions[row] = dot(values, weights[i] as Float64Array);
    }
  }
}

function dot(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < values.length; d++) sum += (values[d] ?? 0) * (weights[d] ?? 0);
  return sum;
}
