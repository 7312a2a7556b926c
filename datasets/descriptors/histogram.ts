/** Histograms with equal bins. A count may be a Gaussian, of which each bin takes its part. */

export interface Bins {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Standard deviation of the Gaussian; without one each value counts in its own bin. */
  readonly smearing: number | undefined;
}

/** Beyond it a Gaussian holds less than 1e-9, which float32 cannot resolve in a count of 1. */
export const GAUSSIAN_REACH = 6;

/** Adds one count at `value` to the bins at row[offset...]. Values outside are dropped. */
export function addToBins({ low, high, count, smearing }: Bins, value: number, row: Float64Array, offset: number): void {
  const width = (high - low) / count;
  if (smearing === undefined) {
    const bin = Math.floor((value - low) / width);
    // The upper end belongs to the last bin.
    const at = value === high ? count - 1 : bin;
    if (at >= 0 && at < count) row[offset + at] = (row[offset + at] ?? 0) + 1;
    return;
  }
  const from = Math.max(0, Math.floor((value - GAUSSIAN_REACH * smearing - low) / width));
  const to = Math.min(count - 1, Math.floor((value + GAUSSIAN_REACH * smearing - low) / width));
  let below = normalCdf((low + from * width - value) / smearing);
  for (let bin = from; bin <= to; bin++) {
    const above = normalCdf((low + (bin + 1) * width - value) / smearing);
    row[offset + bin] = (row[offset + bin] ?? 0) + above - below;
    below = above;
  }
}

/** Returns a name such as `0.5-1` for each bin. */
export function binNames({ low, high, count }: Bins): string[] {
  const edge = (i: number) => Number((low + ((high - low) * i) / count).toPrecision(6));
  return Array.from({ length: count }, (_, i) => `${edge(i)}-${edge(i + 1)}`);
}

/**
 * Returns the cumulative standard normal distribution at z: 1/2 + phi(z) (z + z^3/3 + z^5/15 +
 * ...), a series whose terms have one sign (Marsaglia 2004, doi:10.18637/jss.v011.i04).
 */
export function normalCdf(z: number): number {
  if (z < -GAUSSIAN_REACH - 1) return 0;
  if (z > GAUSSIAN_REACH + 1) return 1;
  let term = z;
  let sum = z;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}
