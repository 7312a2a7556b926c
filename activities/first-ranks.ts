/** The part of a trial that belongs to a rank: a trial of ECA has the components of all ranks. */
import type { Matrix } from '../models/axes.ts';

/** Returns the first k of the components [rank, D]. */
export const firstComponents = (components: Float32Array, rank: number, k: number): Float32Array =>
  components.subarray(0, (components.length / rank) * k);

/** Returns the first k columns. */
export function firstColumns(matrix: Matrix, k: number): Matrix {
  const { rows, columns, data } = matrix;
  if (columns === k) return matrix;
  return {
    rows,
    columns: k,
    data: Float32Array.from({ length: rows * k }, (_, i) => data[Math.floor(i / k) * columns + (i % k)] as number),
  };
}
