/** Two-sample Kolmogorov-Smirnov test of one descriptor, and the correction for many tests. */

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
