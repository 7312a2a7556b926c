/** Fitting and applying the standardisation of scaling.ts. */
import { type Matrix, pickRows, type SplitName } from './axes.ts';
import { columnMeans, squaresByColumn } from './evaluation/covered-variance.ts';
import type { AxisScaling, ScaleX, ScaleY, Scaling } from './scaling.ts';
import type { PackData } from './training/task.ts';

/** A column varies where its deviation is more than rounding of its own size. */
const CONSTANT_BELOW = 1e-6;

/** Fits both sides on the training rows. Throws RangeError where no descriptor, or no target, varies. */
export function fitScaling(x: Matrix, y: Matrix, trainRows: Uint32Array, scale: { x: ScaleX; y: ScaleY }): Scaling {
  const descriptors = columnStatistics(x, trainRows);
  const varying = [...descriptors.deviation.keys()].filter((column) => varies(descriptors, column));
  if (varying.length === 0) throw new RangeError('no descriptor varies over the training rows');
  const targets = columnStatistics(y, trainRows);
  const pooled = Math.sqrt(targets.deviation.reduce((sum, value) => sum + value * value, 0) / y.columns);
  if (![...targets.deviation.keys()].some((column) => varies(targets, column)))
    throw new RangeError('no target varies over the training rows');
  const constants = [...descriptors.mean.keys()]
    .filter((column) => !varies(descriptors, column))
    .map((column) => ({ column, value: descriptors.mean[column] as number }));
  return {
    x: {
      kept: Uint32Array.from(varying),
      mean: Float64Array.from(varying, (column) => descriptors.mean[column] as number),
      deviation: Float64Array.from(varying, (column) => descriptors.deviation[column] as number),
      columns: x.columns,
      constants,
    },
    y: {
      kept: Uint32Array.from({ length: y.columns }, (_, column) => column),
      mean: targets.mean,
      // A constant target keeps its place: it is zero after centring, whatever it is divided by.
      deviation: targets.deviation.map((value, column) => (scale.y === 'zscore' && varies(targets, column) ? value : pooled)),
      columns: y.columns,
      constants: [],
    },
    scaleY: scale.y,
  };
}

interface ColumnStatistics {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

function columnStatistics(values: Matrix, rows: Uint32Array): ColumnStatistics {
  const mean = columnMeans(values, rows);
  return { mean, deviation: squaresByColumn(values, rows).map((sum) => Math.sqrt(sum / rows.length)) };
}

function varies({ mean, deviation }: ColumnStatistics, column: number): boolean {
  return (deviation[column] as number) > CONSTANT_BELOW * Math.max(Math.abs(mean[column] as number), Number.MIN_VALUE);
}

/** Physical units -> standardised, kept columns only; the result lies on a SharedArrayBuffer. */
export function standardize(values: Matrix, scaling: AxisScaling): Matrix {
  if (values.columns !== scaling.columns) {
    throw new RangeError(`${values.columns} columns where the scaling was fitted on ${scaling.columns}`);
  }
  const columns = scaling.kept.length;
  const data = new Float32Array(new SharedArrayBuffer(values.rows * columns * 4));
  for (let row = 0; row < values.rows; row++) {
    for (let i = 0; i < columns; i++) {
      const value = values.data[row * values.columns + (scaling.kept[i] as number)] as number;
      data[row * columns + i] = (value - (scaling.mean[i] as number)) / (scaling.deviation[i] as number);
    }
  }
  return { rows: values.rows, columns, data };
}

/** Standardised, kept columns only -> physical units, with the constant columns put back. */
export function unstandardize(values: Matrix, scaling: AxisScaling): Matrix {
  const data = new Float32Array(values.rows * scaling.columns);
  for (let row = 0; row < values.rows; row++) {
    for (const { column, value } of scaling.constants) data[row * scaling.columns + column] = value;
    for (let i = 0; i < values.columns; i++) {
      const value =
        (values.data[row * values.columns + i] as number) * (scaling.deviation[i] as number) + (scaling.mean[i] as number);
      data[row * scaling.columns + (scaling.kept[i] as number)] = value;
    }
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
