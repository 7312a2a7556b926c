/**
 * Values in steps under an evolution strategy: CMA-ES with margin (Hamano, Saito, Nomura and
 * Shirakawa 2022, arXiv 2205.13482).
 */
import { normalCdf, normalDensity, normalQuantile } from '../normal.ts';
import { deviationsOf, type SearchDistribution } from './distribution.ts';
import type { OrderedAxis, Part } from './ordered-axes.ts';

/**
 * Widens a distribution along axes of steps so that values other than the mean's are drawn with at
 * least this probability: without it, all points soon have the same value, and the variance of one
 * that nothing depends on any more vanishes. The covariance stays; the mean, and the stretch of the
 * axis, move as little as is needed (section 4.3 there).
 */
export function keepMargin(distribution: SearchDistribution, axes: readonly OrderedAxis[], least: number): SearchDistribution {
  if (axes.every(({ partAt }) => partAt === null)) return distribution;
  const deviations = deviationsOf(distribution);
  const mean = Float64Array.from(distribution.mean);
  const stretch = Float64Array.from(distribution.stretch);
  axes.forEach(({ partAt }, i) => {
    if (partAt === null) return;
    const deviation = deviations[i] as number;
    const kept = keepMarginOf(mean[i] as number, deviation, partAt(mean[i] as number), least);
    mean[i] = kept.mean;
    stretch[i] = ((stretch[i] as number) * kept.deviation) / deviation;
  });
  return { ...distribution, mean, stretch };
}

interface Marginal {
  readonly mean: number;
  readonly deviation: number;
}

/** Returns the mean and deviation nearest to these with the probability outside of the part. */
export function keepMarginOf(mean: number, deviation: number, [low, high]: Part, least: number): Marginal {
  const reach = -normalQuantile(least) * deviation;
  // The first and the last value have neighbours on one side only.
  if (low <= 0) return { mean: Math.max(mean, high - reach), deviation };
  if (high >= 1) return { mean: Math.min(mean, low + reach), deviation };
  const half = least / 2;
  const [below, above] = [normalCdf((low - mean) / deviation), normalCdf((mean - high) / deviation)];
  if (below >= half && above >= half) return { mean, deviation };
  const inside = 1 - below - above;
  const raised = [Math.max(half, below), Math.max(half, above)] as const;
  // What is too much together is taken from where there is more than the least.
  const excess = 1 - raised[0] - raised[1] - inside;
  const spare = raised[0] + inside + raised[1] - 3 * half;
  const [toLow, toHigh] = raised.map((one) => -normalQuantile(one + (excess * (one - half)) / spare)) as [number, number];
  return { mean: (low * toHigh + high * toLow) / (toLow + toHigh), deviation: (high - low) / (toLow + toHigh) };
}

/**
 * Returns the expected position of a point that has a value in steps: only the value is recorded.
 * Its middle would be many deviations away from a mean next to the end of a wide part.
 */
export function expectedPosition({ mean, deviation }: Marginal, [low, high]: Part): number {
  const nearest = Math.min(high, Math.max(low, mean));
  const [from, to] = [(low - mean) / deviation, (high - mean) / deviation];
  const mass = normalCdf(to) - normalCdf(from);
  // In the tail, the error of the mass exceeds it.
  if (mass < LEAST_MASS) return nearest;
  return Math.min(high, Math.max(low, mean + (deviation * (normalDensity(from) - normalDensity(to))) / mass));
}

const LEAST_MASS = 1e-5;
