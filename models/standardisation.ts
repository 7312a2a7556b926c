/** Fits and applies the standardisation of scaling.ts. */
import { type Matrix, pickRows, type SplitName } from './axes.ts';
import { columnMeans, squaresByColumn } from './evaluation/covered-variance.ts';
import { type AxisScaling, keptColumns, type ScaleX, type ScaleY, type Scaling } from './scaling.ts';
import type { PackData } from './training/task.ts';

/** A column is constant where its deviation is below this share of its mean. */
const CONSTANT_BELOW = 1e-6;

/** Fits both sides on the training rows. Throws RangeError where X or Y is constant. */
export function fitScaling(x: Matrix, y: Matrix, trainRows: Uint32Array, scale: { x: ScaleX; y: ScaleY }): Scaling {
  const descriptors = columnStatistics(x, trainRows).map((one) => ({
    ...one,
    varies: one.varies && !isSporadic(x, trainRows, one),
  }));
  const varying = descriptors.filter(({ varies }) => varies);
  if (varying.length === 0) throw new RangeError('no descriptor varies over the training rows');
  const targets = columnStatistics(y, trainRows);
  const pooled = Math.sqrt(targets.reduce((sum, { deviation }) => sum + deviation * deviation, 0) / y.columns);
  if (!targets.some(({ varies }) => varies)) throw new RangeError('no target varies over the training rows');
  return {
    x: {
      kept: Uint32Array.from(varying, ({ column }) => column),
      mean: Float64Array.from(varying, ({ mean }) => mean),
      deviation: Float64Array.from(varying, ({ deviation }) => deviation),
      columns: x.columns,
      constants: descriptors.filter(({ varies }) => !varies).map(({ column, mean }) => ({ column, value: mean })),
    },
    y: {
      kept: Uint32Array.from(targets, ({ column }) => column),
      mean: Float64Array.from(targets, ({ mean }) => mean),
      // A constant target is kept: it is zero after centring, whatever it is divided by.
      deviation: Float64Array.from(targets, ({ deviation, varies }) => (scale.y === 'zscore' && varies ? deviation : pooled)),
      columns: y.columns,
      constants: [],
    },
    scaleY: scale.y,
  };
}

/** Mean and deviation of each column; `varies` is false where its deviation is rounding. */
function columnStatistics(values: Matrix, rows: Uint32Array) {
  const means = columnMeans(values, rows);
  return Array.from(squaresByColumn(values, rows), (sum, column) => {
    const mean = means[column] as number;
    const deviation = Math.sqrt(sum / rows.length);
    return { column, mean, deviation, varies: variesBeyondRounding(deviation, mean) };
  });
}

/** Fewer rows say nothing about what is rare. */
const MIN_SPORADIC_ROWS = 30;
/** Fewer rows, in effect, that cause the variance of a column are not learned from. */
const MIN_EFFECTIVE_ROWS = 2.5;

/**
 * Returns whether one or two rows cause the variance of a column that is otherwise constant, such
 * as the tail of a Gaussian in a histogram. Scaled to unit variance, a count of another row would
 * be a huge number. The effective number of rows is (sum d^2)^2 / sum d^4, for d about the mean.
 */
function isSporadic(
  { columns, data }: Matrix,
  rows: Uint32Array,
  { column, mean, deviation }: { readonly column: number; readonly mean: number; readonly deviation: number },
): boolean {
  if (rows.length < MIN_SPORADIC_ROWS) return false;
  const valueAt = (row: number) => data[row * columns + column] as number;
  let fourths = 0;
  for (const row of rows) fourths += ((valueAt(row) - mean) / deviation) ** 4;
  if (rows.length ** 2 / fourths > MIN_EFFECTIVE_ROWS) return false;
  const sorted = Float32Array.from(rows, valueAt).sort();
  const quartile = (share: number) => sorted[Math.floor(share * rows.length)] as number;
  return quartile(0.75) - quartile(0.25) < 1e-3 * deviation;
}

/** Returns whether a deviation is more than the rounding of values of this mean. */
export const variesBeyondRounding = (deviation: number, mean: number): boolean =>
  deviation > CONSTANT_BELOW * Math.max(Math.abs(mean), Number.MIN_VALUE);

/** Converts to standardised units, kept columns only, on a SharedArrayBuffer. */
export function standardize(values: Matrix, scaling: AxisScaling): Matrix {
  if (values.columns !== scaling.columns) {
    throw new RangeError(`${values.columns} columns where the scaling was fitted on ${scaling.columns}`);
  }
  const kept = keptColumns(scaling);
  const data = new Float32Array(new SharedArrayBuffer(values.rows * kept.length * 4));
  let at = 0;
  for (let row = 0; row < values.rows; row++) {
    for (const { column, mean, deviation } of kept) {
      data[at++] = ((values.data[row * values.columns + column] as number) - mean) / deviation;
    }
  }
  return { rows: values.rows, columns: kept.length, data };
}

/** Converts standardised kept columns to physical units, with the constant columns restored. */
export function unstandardize(values: Matrix, scaling: AxisScaling): Matrix {
  const kept = keptColumns(scaling);
  const data = new Float32Array(values.rows * scaling.columns);
  let at = 0;
  for (let start = 0; start < data.length; start += scaling.columns) {
    for (const { column, value } of scaling.constants) data[start + column] = value;
    for (const { column, mean, deviation } of kept) data[start + column] = (values.data[at++] as number) * deviation + mean;
  }
  return { rows: values.rows, columns: scaling.columns, data };
}

/** Structures X [n, D] and spectra Y [n, E] of one part of the data, in physical units. */
export interface PhysicalPart {
  readonly x: Matrix;
  readonly y: Matrix;
}

export function physicalPart({ x, y, rows, scaling }: PackData, split: SplitName): PhysicalPart {
  return { x: unstandardize(pickRows(x, rows[split]), scaling.x), y: unstandardize(pickRows(y, rows[split]), scaling.y) };
}
