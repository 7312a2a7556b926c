/** Statistics of the benchmarks. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Returns the smallest value that at least a share `q` of the sorted values does not exceed. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));

/** Fits y = a + b x by least squares; `r2` is the coefficient of determination. */
export function fitLine(x: readonly number[], y: readonly number[]): { a: number; b: number; r2: number } {
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0);
  const dx = (i: number) => (x[i] as number) - mx;
  const dy = (i: number) => (y[i] as number) - my;
  const b = sum((i) => dx(i) * dy(i)) / sum((i) => dx(i) ** 2);
  const a = my - b * mx;
  const rest = sum((i) => ((y[i] as number) - a - b * (x[i] as number)) ** 2);
  return { a, b, r2: 1 - rest / sum((i) => dy(i) ** 2) };
}

/** Rounds to `count` significant digits. */
export const digits = (value: number, count = 4): number => Number(value.toPrecision(count));
