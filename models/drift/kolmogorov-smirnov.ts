/** Two-sample Kolmogorov-Smirnov tests of single descriptors, corrected for their number. */
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

/** Tests each column of independent rows; rates are false discovery rates. */
export function testColumns(a: Matrix, b: Matrix): MarginalTest[] {
  const tests = Array.from({ length: a.columns }, (_, column) => {
    const statistic = computeKsStatistic(columnOf(a, column), columnOf(b, column));
    return { statistic, probability: computeKsProbability(statistic, a.rows, b.rows) };
  });
  const rates = adjustFalseDiscoveryRates(tests.map(({ probability }) => probability));
  return tests.map((test, i) => ({ ...test, rate: rates[i] as number }));
}

/**
 * Tests each column of grouped rows by permutations of the groups. Rates are family-wise: shares of
 * permutations in which the largest statistic of all columns (`largest`), each standardised over
 * permutations, is at least as large (Westfall and Young 1993). They bound false discovery rates.
 */
export function testGroupedColumns(
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

/** Returns the statistic of pooled values for each assignment of units to the second sample. */
function permutedStatistics(values: Float64Array, { unitOf }: Exchange, labels: readonly Uint8Array[]): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => (values[i] as number) - (values[j] as number));
  const sorted = Int32Array.from(order, (row) => unitOf[row] as number);
  // Distribution functions are compared at the last of equal values.
  const isLast = Uint8Array.from(order, (row, i) => (values[row] === values[order[i + 1] ?? -1] ? 0 : 1));
  return Float64Array.from(labels, (isSecond) => {
    let second = 0;
    for (const unit of sorted) second += isSecond[unit] as number;
    const [ofFirst, ofSecond] = [1 / (sorted.length - second), 1 / second];
    let [difference, largest] = [0, 0];
    for (let i = 0; i < sorted.length; i++) {
      difference += isSecond[sorted[i] as number] === 1 ? ofSecond : -ofFirst;
      if (isLast[i] === 1) largest = Math.max(largest, Math.abs(difference));
    }
    return largest;
  });
}

/** Returns the largest difference between the empirical distribution functions, in [0, 1]. */
export function computeKsStatistic(a: Float64Array, b: Float64Array): number {
  const [left, right] = [a.toSorted(), b.toSorted()];
  let [i, j, largest] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i] as number, right[j] as number);
    // Skips ties in both samples before it compares the functions.
    while (i < left.length && left[i] === value) i++;
    while (j < right.length && right[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / left.length - j / right.length));
  }
  return largest;
}

/**
 * Returns the probability of a statistic of at least `statistic` for samples of n and m values from
 * one continuous distribution: Kolmogorov's limit with Stephens' correction for finite samples
 * (1970, doi:10.1111/j.2517-6161.1970.tb00821.x). With ties it is an upper bound.
 */
export function computeKsProbability(statistic: number, n: number, m: number): number {
  const root = Math.sqrt((n * m) / (n + m));
  const lambda = (root + 0.12 + 0.11 / root) * statistic;
  // The alternating series converges slowly below this value, where the probability is 1 to all
  // relevant digits.
  if (lambda < 0.3) return 1;
  let sum = 0;
  for (let term = 1; term <= 100; term++) {
    const value = Math.exp(-2 * (term * lambda) ** 2);
    sum += term % 2 === 1 ? value : -value;
    if (value < 1e-16) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}

/**
 * Returns, for each of m tests, the smallest false discovery rate at which it is rejected
 * (Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x). Where nothing has shifted,
 * the smallest of them is below q with probability at most q (Simes 1986,
 * doi:10.1093/biomet/73.3.751).
 */
export function adjustFalseDiscoveryRates(probabilities: readonly number[]): number[] {
  const m = probabilities.length;
  const descending = [...probabilities.entries()].sort(([, a], [, b]) => b - a);
  const rates = new Array<number>(m).fill(1);
  let least = 1;
  for (const [rank, [index, probability]] of descending.entries()) {
    least = Math.min(least, (probability * m) / (m - rank));
    rates[index] = least;
  }
  return rates;
}
