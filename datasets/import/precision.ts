/** The precision that columns lose by rounding to float32, in which arrays are stored. */
import { NarrowsError } from '../../errors.ts';
import type { ColumnStatistics } from '../column-statistics.ts';

/** Smallest number that float32 holds with all its digits. */
const MIN_FLOAT32 = 2 ** -126;

/** A share of the spread that a sweep would notice. */
const MAX_LOSS = 0.01;

/** Deviations below this share of a mean are rounding of float64: the column is constant. */
const FLOAT64_NOISE = 1e-12;

/** Returns whether rounding to float32 costs more than a hundredth of the spread of a column. */
export function losesPrecision({ mean, deviation }: ColumnStatistics): boolean {
  return deviation > FLOAT64_NOISE * Math.abs(mean) && roundingError(mean) > MAX_LOSS * deviation;
}

/** Returns whether this holds for all columns together, such as the energies of a spectrum. */
export function losePrecisionTogether(columns: readonly ColumnStatistics[]): boolean {
  let [errors, spread] = [0, 0];
  for (const { mean, deviation } of columns) {
    errors += roundingError(mean) ** 2;
    if (deviation > FLOAT64_NOISE * Math.abs(mean)) spread += deviation ** 2;
  }
  return spread > 0 && errors > MAX_LOSS ** 2 * spread;
}

/** Returns the standard deviation of the rounding errors of values about a mean. */
const roundingError = (mean: number): number => 2 ** (Math.floor(Math.log2(Math.abs(mean))) - 23) / Math.sqrt(12);

/** Throws NarrowsError `values-underflow` where all values of these columns are tiny, but not 0. */
export function requireNoUnderflow(columns: readonly ColumnStatistics[], array: string, path: string): void {
  const size = columns.reduce((most, { mean, deviation }) => Math.max(most, Math.abs(mean), deviation), 0);
  if (size === 0 || size >= MIN_FLOAT32) return;
  const message = `the values of ${array} are about ${Number(size.toPrecision(2))}; float32, in which they are stored, begins at 1.2e-38`;
  throw new NarrowsError('values-underflow', message, {
    path,
    fix: 'write them in a larger unit: multiply them by a power of ten, and state the unit',
  });
}
