/** Fits and applies the standardisation of scaling.ts. */
import { type Matrix, pickRows, type SplitName } from './axes.ts';
import type { SharedScale } from './descriptor.ts';
import { type AxisScaling, keptColumns, type ScaleX, type ScaleY, type Scaling } from './scaling.ts';
import type { PackData } from './training/task.ts';
import { columnStatistics, descriptorVariation } from './variation.ts';

/** Fits both sides on the training rows. Throws RangeError where X or Y is constant. */
export function fitScaling(
  x: Matrix,
  y: Matrix,
  trainRows: Uint32Array,
  scale: { x: ScaleX; y: ScaleY },
  scales: readonly SharedScale[] = [],
): Scaling {
  const ofX = fitDescriptorScaling(x, trainRows, scales);
  if (ofX.kept.length === 0) throw new RangeError('no descriptor varies over the training rows');
  const targets = columnStatistics(y, trainRows);
  const pooled = Math.sqrt(targets.reduce((sum, { deviation }) => sum + deviation * deviation, 0) / y.columns);
  if (!targets.some(({ varies }) => varies)) throw new RangeError('no target varies over the training rows');
  return {
    x: ofX,
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

/** Fits X [N, D] on the training rows; `scales` name the descriptors that share a scale. */
export function fitDescriptorScaling(x: Matrix, trainRows: Uint32Array, scales: readonly SharedScale[]): AxisScaling {
  const descriptors = descriptorVariation(x, trainRows, scales);
  const varying = descriptors.filter(({ varies }) => varies);
  return {
    kept: Uint32Array.from(varying, ({ column }) => column),
    mean: Float64Array.from(varying, ({ mean }) => mean),
    deviation: Float64Array.from(varying, ({ deviation }) => deviation),
    columns: x.columns,
    constants: descriptors.filter(({ varies }) => !varies).map(({ column, mean }) => ({ column, value: mean })),
  };
}

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

/**
 * Returns targets [N, E] in units in which their covered variance is that of trials: each divided
 * by its deviation where the scale is `zscore`. The common factor of `global` would cancel.
 */
export const inUnitsOfScore = (targets: Matrix, { y, scaleY }: Scaling): Matrix =>
  scaleY === 'zscore' ? standardize(targets, y) : targets;

/** Structures X [n, D] and spectra Y [n, E] of one part of the data, in physical units. */
export interface PhysicalPart {
  readonly x: Matrix;
  readonly y: Matrix;
}

export function physicalPart({ x, y, rows, scaling }: PackData, split: SplitName): PhysicalPart {
  return { x: unstandardize(pickRows(x, rows[split]), scaling.x), y: unstandardize(pickRows(y, rows[split]), scaling.y) };
}
