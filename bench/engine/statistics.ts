/** Medians, means and the straight line of the bench. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));

/** Least squares y = a + b x. */
export function line(x: readonly number[], y: readonly number[]): { a: number; b: number; r2: number } {
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0);
  const dx = (i: number) => (x[i] as number) - mx;
  const dy = (i: number) => (y[i] as number) - my;
  const b = sum((i) => dx(i) * dy(i)) / sum((i) => dx(i) ** 2);
  const a = my - b * mx;
  const rest = sum((i) => ((y[i] as number) - a - b * (x[i] as number)) ** 2);
  return { a, b, r2: 1 - rest / sum((i) => dy(i) ** 2) };
}

/** To so many significant digits, as a number for JSON. */
export const digits = (value: number, count = 4): number => Number(value.toPrecision(count));
