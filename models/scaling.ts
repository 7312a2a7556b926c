export type ScaleX = 'zscore';
export type ScaleY = 'centre' | 'zscore';

/** Standardisation of one side, fitted on training rows: z = (value - mean) / deviation. */
export interface AxisScaling {
  /** Column numbers kept (constant ones are dropped), rising. */
  readonly kept: Uint32Array;
  /** Means of the kept columns. */
  readonly mean: Float64Array;
  /** Standard deviations of the kept columns; for y 'centre' the pooled one in every column. */
  readonly deviation: Float64Array;
  /** Number of columns before any was dropped. */
  readonly columns: number;
  /** Values of the constant columns, by column number. */
  readonly constants: readonly { readonly column: number; readonly value: number }[];
}

/** Returns the kept columns one by one. */
export const keptColumns = ({ kept, mean, deviation }: AxisScaling) =>
  Array.from(kept, (column, i) => ({ column, mean: mean[i] as number, deviation: deviation[i] as number }));

/** Standardisation of both sides; constant target columns are kept, as zeros. */
export interface Scaling {
  readonly x: AxisScaling;
  readonly y: AxisScaling;
  readonly scaleY: ScaleY;
}
