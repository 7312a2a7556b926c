/** Kolmogorov-Smirnov tests of single descriptors by permutations, corrected for their number. */
import type { Matrix } from '../axes.ts';
import { columnOf } from '../vectors.ts';
import { drawLabels, type Exchange } from './exchange.ts';
import { type PermutedStatistic, shareFrom, standardised } from './permutations.ts';

export interface MarginalTest {
  readonly statistic: number;
  readonly probability: number;
  /** Smallest error rate at which this descriptor counts as shifted. */
  readonly rate: number;
}

/**
 * Tests each column by permutations of the units. Rates are family-wise: shares of
 * permutations in which the largest statistic of all columns (`largest`), each standardised over
 * permutations, is at least as large (Westfall and Young 1993). They bound false discovery rates.
 */
export function testColumns(
  a: Matrix,
  b: Matrix,
  exchange: Exchange,
  permutations: number,
): { readonly tests: MarginalTest[]; readonly largest: PermutedStatistic } {
  const labels = drawLabels(exchange, permutations);
  const largest = new Float64Array(labels.length).fill(Number.NEGATIVE_INFINITY);
  const columns = Array.from({ length: a.columns }, (_, column) => {
    const statistics = permutedStatistics(Float64Array.of(...columnOf(a, column), ...columnOf(b, column)), exchange, labels);
    const comparable = standardised(statistics);
    for (const [i, value] of comparable.entries()) largest[i] = Math.max(largest[i] as number, value);
    return { statistics, comparable };
  });
  const tests = columns.map(({ statistics, comparable }) => {
    const statistic = statistics[0] as number;
    return { statistic, probability: shareFrom(statistics, statistic), rate: shareFrom(largest, comparable[0] as number) };
  });
  return { tests, largest };
}

/**
 * Returns the largest difference between the empirical distribution functions of the samples, in
 * [0, 1], for each assignment of units to the second one.
 */
function permutedStatistics(values: Float64Array, { unitOf }: Exchange, labels: readonly Uint8Array[]): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => (values[i] as number) - (values[j] as number));
  const sorted = Int32Array.from(order, (row) => unitOf[row] as number);
  const rows = sorted.length;
  // Distribution functions are compared at the last of equal values.
  const isLast = Uint8Array.from(order, (row, i) => (values[row] === values[order[i + 1] ?? -1] ? 0 : 1));
  return Float64Array.from(labels, (isSecond) => {
    let ofSecond = 0;
    for (const unit of sorted) ofSecond += isSecond[unit] as number;
    // Of the rows up to i, `second` are of the second sample; the difference of the functions there
    // is (second rows - (i + 1) ofSecond) / (ofSecond (rows - ofSecond)).
    let [second, largest] = [0, 0];
    for (let i = 0; i < rows; i++) {
      second += isSecond[sorted[i] as number] as number;
      const difference = second * rows - (i + 1) * ofSecond;
      if (isLast[i] === 1 && (difference > largest || -difference > largest)) largest = Math.abs(difference);
    }
    return largest / (ofSecond * (rows - ofSecond));
  });
}
