/** Has a single descriptor shifted? The two-sample Kolmogorov-Smirnov test, and what many such tests say together. */

/** Largest difference between the empirical distribution functions of two samples, in [0, 1]. Neither is changed. */
export function computeKsStatistic(a: Float64Array, b: Float64Array): number {
  const [left, right] = [a.toSorted(), b.toSorted()];
  let [i, j, largest] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i] as number, right[j] as number);
    // Past every tie on both sides before the functions are compared.
    while (i < left.length && left[i] === value) i++;
    while (j < right.length && right[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / left.length - j / right.length));
  }
  return largest;
}

/**
 * Probability of a statistic of at least `statistic` for samples of n and m from one continuous distribution: Kolmogorov's limit with the correction of Stephens
 * (1970, doi:10.1111/j.2517-6161.1970.tb00821.x) for finite samples. Ties make it too large, never too small.
 */
export function computeKsProbability(statistic: number, n: number, m: number): number {
  const root = Math.sqrt((n * m) / (n + m));
  const lambda = (root + 0.12 + 0.11 / root) * statistic;
  // The series alternates; below this it converges slowly, and the probability is 1 to all digits that matter.
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
 * Of m tests, the smallest rate of false discoveries at which each is one: Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x. Where nothing has
 * shifted at all, the smallest of them is below q with probability q at most (Simes 1986, doi:10.1093/biomet/73.3.751).
 */
export function adjustFalseDiscoveryRates(probabilities: readonly number[]): number[] {
  const m = probabilities.length;
  const order = probabilities.map((_, i) => i).sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number));
  const rates = new Array<number>(m).fill(1);
  let least = 1;
  order.forEach((index, fromTop) => {
    least = Math.min(least, ((probabilities[index] as number) * m) / (m - fromTop));
    rates[index] = least;
  });
  return rates;
}
