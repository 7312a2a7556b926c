/** The gain of a point: the logarithm of the improvement on the best one that is expected of it. */
import type { Gradient } from './ascent.ts';
import { logImprovement } from './log-improvement.ts';
import type { Posterior } from './posterior.ts';

/** Returns the gain of a point, given by its row: that of the mean improvement over fantasies. */
export function gainAt({ best, predict }: Posterior, row: Float64Array): number {
  const { means, variance } = predict(row);
  const deviation = Math.sqrt(variance);
  const logs = means.map((mean, f) => logImprovement((mean - (best[f] as number)) / deviation).value);
  return Math.log(deviation) + logMean(logs);
}

/** Returns the gain of a point with its derivatives by the columns of the row, [columns]. */
export function slopedGainAt({ best, predict }: Posterior, row: Float64Array): Gradient {
  const { means, variance, slope } = predict(row);
  const deviation = Math.sqrt(variance);
  const improvements = Array.from(means, (mean, f) => {
    const z = (mean - (best[f] as number)) / deviation;
    return { z, ...logImprovement(z) };
  });
  const log = logMean(Float64Array.from(improvements, ({ value }) => value));
  // Weights of the fantasies in the derivatives of the mean.
  const shares = improvements.map(({ value }) => Math.exp(value - log) / improvements.length);
  const byMeans = Float64Array.from(improvements, (one, f) => ((shares[f] as number) * one.slope) / deviation);
  const byDeviation = improvements.reduce((sum, one, f) => sum + (shares[f] as number) * (1 - one.z * one.slope), 0) / deviation;
  return { value: Math.log(deviation) + log, gradient: slope(byMeans, byDeviation / (2 * deviation)) };
}

/** Returns the logarithm of the mean of e^x. */
function logMean(logs: Float64Array): number {
  const highest = logs.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  return highest + Math.log(logs.reduce((sum, one) => sum + Math.exp(one - highest), 0) / logs.length);
}
