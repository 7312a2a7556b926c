/** Operations on vectors in float64; sums run from the first element to the last. */
import type { Interval, Matrix } from './axes.ts';

type Vector = Float32Array | Float64Array;
type Values = ArrayLike<number>;

/** Returns the sum of a[i] b[from + i]. An offset is faster than a view where a vector is short. */
export function dot(a: Values, b: Values, from = 0): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[from + i] as number);
  return sum;
}

/** Returns the sum of (a[i] - b[i])^2. */
export function squaredDistance(a: Values, b: Values): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

/** to[i] += factor values[from + i], in place. */
export function addScaled(to: Vector, factor: number, values: Values, from = 0): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + factor * (values[from + i] as number);
}

/** to[i] += values[from + i], in place. */
export const add = (to: Vector, values: Values, from = 0): void => addScaled(to, 1, values, from);

/** to[i] += (a[fromA + i] - b[fromB + i])^2, in place. */
export function addSquaredDifferences(to: Vector, a: Values, fromA: number, b: Values, fromB: number): void {
  for (let i = 0; i < to.length; i++) {
    const difference = (a[fromA + i] as number) - (b[fromB + i] as number);
    to[i] = (to[i] as number) + difference * difference;
  }
}

/** Returns a[i] b[i], [a.length]. */
export const multiplied = (a: Float64Array, b: Values): Float64Array => a.map((value, i) => value * (b[i] as number));

/** Returns a[i] + b[i], [a.length]. */
export const added = <V extends Vector>(a: V, b: Values): V => a.map((value, i) => value + (b[i] as number)) as V;

/** Returns row `row` of a matrix as a view. */
export const rowOf = ({ columns, data }: Pick<Matrix, 'columns' | 'data'>, row: number): Float32Array =>
  data.subarray(row * columns, (row + 1) * columns);

/** Returns the rows of a row-major block, [columns] each, as views. */
export function rowsOf(values: Float32Array, columns: number): Float32Array[] {
  return Array.from({ length: columns > 0 ? values.length / columns : 0 }, (_, row) => rowOf({ columns, data: values }, row));
}

/**
 * Copies rows of `width` numbers between arrays with rows of different lengths; number by number,
 * since a view of each row costs more than copying it.
 */
export function copyRows(
  from: { readonly data: Float32Array; readonly stride: number },
  to: { readonly data: Float32Array; readonly stride: number },
  rows: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    const [source, target] = [row * from.stride, row * to.stride];
    for (let i = 0; i < width; i++) to.data[target + i] = from.data[source + i] as number;
  }
}

/** Returns the positions of the values by falling value. */
export function orderFalling(values: readonly number[]): number[] {
  const ranked = Array.from(values, (value, position) => ({ value, position }));
  return ranked.sort((a, b) => b.value - a.value).map(({ position }) => position);
}

export function sumOf(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

export const meanOf = (values: readonly number[] | Float64Array): number => sumOf(values) / values.length;

/** Returns a quantile of sorted values, interpolated between neighbours. */
export function quantile(sorted: Values, share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (at - Math.floor(at)) * (above - below);
}

/** Returns the mean and the extremes. */
export const spanOf = (values: readonly number[]): Interval => ({
  mean: meanOf(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

/** Returns the value of the largest magnitude, the first of equals; 0 of none. */
export function largestMagnitude(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest;
}

export function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** to[i] += value, in place. */
export function increment(to: { [i: number]: number }, i: number, value: number): void {
  to[i] = (to[i] as number) + value;
}

/** Returns column `c` of a matrix, [rows]. */
export const columnOf = ({ rows, columns, data }: Matrix, c: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => data[row * columns + c] as number);

/** Returns the columns of a matrix, [rows] each. */
export const columnsOf = (matrix: Matrix): Float64Array[] =>
  Array.from({ length: matrix.columns }, (_, c) => columnOf(matrix, c));

/** Returns `most` row numbers, evenly spaced, or all where there are no more. */
export function evenlySpaced(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/** Returns element [j][i] of rows of equal length at [i][j]. */
export const transpose = (rows: readonly Values[]): number[][] =>
  Array.from(rows[0] ?? [], (_, j) => rows.map((row) => row[j] as number));

/** Exchanges values[i] and values[j]. */
export function swap(values: number[] | Uint8Array | Uint32Array, i: number, j: number): void {
  const kept = values[i] as number;
  values[i] = values[j] as number;
  values[j] = kept;
}

/** Whether each value is higher than the one before. */
export const isRising = (values: readonly number[]): boolean =>
  values.every((value, i) => value > (values[i - 1] ?? Number.NEGATIVE_INFINITY));
