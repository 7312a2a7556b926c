/** Whether columns vary: the one rule of imports, overviews, checks and sweeps. */
import type { Matrix } from './axes.ts';
import type { SharedScale } from './descriptor.ts';
import { columnMeans, squaresByColumn } from './evaluation/covered-variance.ts';

/** A column is constant where its deviation is below this share of its mean: float32 rounds. */
const CONSTANT_BELOW = 1e-6;
/** Fewer rows say nothing about what is rare. */
const MIN_SPORADIC_ROWS = 30;
/** Fewer rows, in effect, that cause the variance of a column are not learned from. */
const MIN_EFFECTIVE_ROWS = 2.5;
/** Half of the rows are this close, in deviations, where few rows cause a variance. */
const CONCENTRATED_WITHIN = 1e-3;

export interface ColumnVariation {
  readonly column: number;
  readonly mean: number;
  readonly deviation: number;
  readonly varies: boolean;
}

/** Returns whether a deviation is more than the rounding of values of this mean. */
export const variesBeyondRounding = (deviation: number, mean: number): boolean =>
  deviation > CONSTANT_BELOW * Math.max(Math.abs(mean), Number.MIN_VALUE);

/** Returns mean and deviation of each column; `varies` is false where its deviation is rounding. */
export function columnStatistics(values: Matrix, rows: Uint32Array): ColumnVariation[] {
  const means = columnMeans(values, rows);
  return Array.from(squaresByColumn(values, rows), (sum, column) => {
    const mean = means[column] as number;
    const deviation = Math.sqrt(sum / rows.length);
    return { column, mean, deviation, varies: variesBeyondRounding(deviation, mean) };
  });
}

/**
 * Returns the statistics of descriptors. One that varies by no more than rounding counts as
 * constant, and so does one whose variance is due to one or two rows, or is dust among the columns
 * that share its scale, such as the tail of a Gaussian in a histogram: scaled to unit variance, a
 * value of another row would be a huge number. `scales` name the columns that share a scale.
 */
export function descriptorVariation(x: Matrix, rows: Uint32Array, scales: readonly SharedScale[]): ColumnVariation[] {
  const columns = columnStatistics(x, rows);
  const least = leastDeviations(x, rows, columns, scales);
  const isDust = (one: ColumnVariation) =>
    (one.deviation <= (least[one.column] as number) || effectiveRows(x, rows, one) <= MIN_EFFECTIVE_ROWS) &&
    isConcentrated(x, rows, one);
  return columns.map((one) => ({ ...one, varies: one.varies && (rows.length < MIN_SPORADIC_ROWS || !isDust(one)) }));
}

/**
 * Returns, per column, the deviation at or below which a concentrated column is dust, 0 without a
 * shared scale. With S, the largest difference from a mean in the columns of a scale: counts are
 * learned from where their sum of squares is that of 2.5 rows in which one thing more is counted,
 * which adds 1 or, where it is smeared over many bins, S; other values where they exceed the
 * rounding of S.
 */
function leastDeviations(
  x: Matrix,
  rows: Uint32Array,
  columns: readonly ColumnVariation[],
  scales: readonly SharedScale[],
): Float64Array {
  const largest = new Float64Array(x.columns);
  for (const row of rows) {
    for (const { column, mean } of columns) {
      const difference = Math.abs((x.data[row * x.columns + column] as number) - mean);
      if (difference > (largest[column] as number)) largest[column] = difference;
    }
  }
  const least = new Float64Array(x.columns);
  for (const { columns: members, isCount } of scales) {
    const S = members.reduce((most, column) => Math.max(most, largest[column] as number), 0);
    const deviation = isCount ? Math.min(1, S) * Math.sqrt(MIN_EFFECTIVE_ROWS / rows.length) : S * CONSTANT_BELOW;
    for (const column of members) least[column] = deviation;
  }
  return least;
}

/** Returns the number of rows that cause a variance: (sum d^2)^2 / sum d^4, d about the mean. */
function effectiveRows({ columns, data }: Matrix, rows: Uint32Array, { column, mean, deviation }: ColumnVariation): number {
  let fourths = 0;
  for (const row of rows) fourths += (((data[row * columns + column] as number) - mean) / deviation) ** 4;
  return rows.length ** 2 / fourths;
}

/** Returns whether the values of half of the rows, about the median, are nearly equal. */
function isConcentrated({ columns, data }: Matrix, rows: Uint32Array, { column, deviation }: ColumnVariation): boolean {
  const sorted = Float32Array.from(rows, (row) => data[row * columns + column] as number).sort();
  const quartile = (share: number) => sorted[Math.floor(share * rows.length)] as number;
  return quartile(0.75) - quartile(0.25) < CONCENTRATED_WITHIN * deviation;
}
