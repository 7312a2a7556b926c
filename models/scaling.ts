export type ScaleX = 'zscore';
export type ScaleY = 'centre' | 'zscore';

/** One side's standardisation, fitted on training rows only: z = (value - mean) / deviation on the kept columns. */
export interface AxisScaling {
  /** Column numbers kept (constant ones are dropped), rising. */
  readonly kept: Uint32Array;
  /** Of the kept columns. */
  readonly mean: Float64Array;
  /** Of the kept columns; for y 'centre' the same pooled standard deviation in every column, so that the loss is of order one. */
  readonly deviation: Float64Array;
  /** Number of columns before any was dropped. */
  readonly columns: number;
  /** Constant columns' values, by column number, to put back on the way to physical units. */
  readonly constants: readonly { readonly column: number; readonly value: number }[];
}

/** Returns the kept columns one by one. */
export const keptColumns = ({ kept, mean, deviation }: AxisScaling) =>
  Array.from(kept, (column, i) => ({ column, mean: mean[i] as number, deviation: deviation[i] as number }));

/** Constant target columns are kept (as zeros) so that spectra keep their energies. */
export interface Scaling {
  readonly x: AxisScaling;
  readonly y: AxisScaling;
  readonly scaleY: ScaleY;
}
