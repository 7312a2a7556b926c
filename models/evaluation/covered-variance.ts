/**
 * The score: covered variance rho = 1 - sum (Y - Yhat)^2 / sum (Y - mean Y)^2, pooled over all
 * outputs, with the column means of the evaluated rows (Niskanen et al. 2022,
 * doi:10.1098/rsos.220093). Predicting the mean scores 0, a perfect model 1; bad models score below
 * 0. All sums in float64.
 */
import type { Matrix, SplitName, SplitRows } from '../axes.ts';
import { add, addSquaredDifferences, rowOf, squaredDistance, sumOf } from '../vectors.ts';

/** Sum of squares about the column means of the given rows (all rows by default). */
export function totalSquares(y: Matrix, rows: Uint32Array | readonly number[] = everyRow(y)): number {
  return squaresByColumn(y, rows).reduce((sum, value) => sum + value, 0);
}

const known = new WeakMap<Matrix, WeakMap<Uint32Array, number>>();

/** Returns totalSquares of data that many trials share, cached by matrix and rows. */
export function sharedTotalSquares(y: Matrix, rows: Uint32Array): number {
  const ofMatrix = known.get(y) ?? new WeakMap<Uint32Array, number>();
  known.set(y, ofMatrix);
  const total = ofMatrix.get(rows) ?? totalSquares(y, rows);
  ofMatrix.set(rows, total);
  return total;
}

/** Returns the squared distance of each row from the column means of these rows, [rows.length]. */
export function squaresByRow(y: Matrix, rows: Uint32Array): Float64Array {
  const means = columnMeans(y, rows);
  return Float64Array.from(rows, (row) => squaredDistance(means, rowOf(y, row)));
}

/** Returns rho of the given rows from the squared error of each, [rows.length]. */
export const coveredVarianceOfRows = (y: Matrix, rows: Uint32Array, errors: Float64Array): number =>
  coveredVarianceFromSums(sumOf(errors), sharedTotalSquares(y, rows));

/** The score of one split. */
export interface SplitScore {
  readonly split: SplitName;
  readonly coveredVariance: number;
  /** Squared error of each row of the test split, in scaled units, [nTest]; null elsewhere. */
  readonly errors: Float64Array | null;
}

/** Returns the score of a split, and the errors from which it follows, where they are kept. */
export function splitScore(y: Matrix, rows: SplitRows, split: SplitName, errors: Float64Array): SplitScore {
  const coveredVariance = coveredVarianceOfRows(y, rows[split], errors);
  return { split, coveredVariance, errors: split === 'test' ? errors : null };
}

/** Returns rho from squared errors and total squares; NaN for rows that do not vary. */
export function coveredVarianceFromSums(squaredError: number, total: number): number {
  return total > 0 ? 1 - squaredError / total : Number.NaN;
}

/** Returns rho of a prediction [N, E] for y [N, E]. Throws RangeError where the shapes differ. */
export function coveredVariance(y: Matrix, prediction: Matrix): number {
  const error = errorByColumn(y, prediction).reduce((sum, value) => sum + value, 0);
  return coveredVarianceFromSums(error, totalSquares(y));
}

/** Returns rho of every column (energy), [E]. */
export function coveredVarianceByColumn(y: Matrix, prediction: Matrix): Float64Array {
  const total = squaresByColumn(y, everyRow(y));
  return errorByColumn(y, prediction).map((error, column) => coveredVarianceFromSums(error, total[column] as number));
}

/** Returns the column means over the given rows, [columns]. */
export function columnMeans(y: Matrix, rows: Uint32Array | readonly number[] = everyRow(y)): Float64Array {
  const means = new Float64Array(y.columns);
  for (const row of rows) add(means, y.data, row * y.columns);
  return means.map((sum) => sum / rows.length);
}

/** Returns the sum of squares about the column mean over the given rows, per column. */
export function squaresByColumn(y: Matrix, rows: Uint32Array | readonly number[] = everyRow(y)): Float64Array {
  const means = columnMeans(y, rows);
  const squares = new Float64Array(y.columns);
  for (const row of rows) addSquaredDifferences(squares, y.data, row * y.columns, means, 0);
  return squares;
}

function errorByColumn(y: Matrix, prediction: Matrix): Float64Array {
  if (y.rows !== prediction.rows || y.columns !== prediction.columns) {
    throw new RangeError(`shapes differ: y [${y.rows}, ${y.columns}], prediction [${prediction.rows}, ${prediction.columns}]`);
  }
  const errors = new Float64Array(y.columns);
  for (let start = 0; start < y.data.length; start += y.columns) {
    addSquaredDifferences(errors, y.data, start, prediction.data, start);
  }
  return errors;
}

function everyRow({ rows }: Matrix): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}
