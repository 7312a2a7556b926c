/**
 * Axis glossary: `K` models of a pack, `N` spectra (rows), `D` descriptors, `E` energies or
 * targets, `k` bottleneck width, `r` ECA rank, `B` rows of a mini-batch.
 */

/** A row-major float32 matrix, [rows, columns]. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Length rows * columns; may be on a SharedArrayBuffer. */
  readonly data: Float32Array;
}

/** A mean, and the bounds of an interval about it. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export const SPLITS = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

/** Row numbers (into X and Y) of each part of a split, rising within each part. */
export type SplitRows = Readonly<Record<SplitName, Uint32Array>>;

/** Returns the given rows, in their order. */
export function pickRows({ columns, data }: Matrix, rows: Uint32Array): Matrix {
  const picked = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { rows: rows.length, columns, data: picked };
}
