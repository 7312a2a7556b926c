/** The gain of a point: the logarithm of the improvement on the best one that is expected of it. */
import type { Gradient } from './ascent.ts';
import { logImprovement } from './log-improvement.ts';
import type { Posterior } from './posterior.ts';

/** Returns the gain of a point, given by its row. */
export function gainAt({ best, predict }: Posterior, row: Float64Array): number {
  const { mean, variance } = predict(row);
  const deviation = Math.sqrt(variance);
  return Math.log(deviation) + logImprovement((mean - best) / deviation).value;
}

/** Returns the gain of a point with its derivatives by the columns of the row, [columns]. */
export function slopedGainAt({ best, predict }: Posterior, row: Float64Array): Gradient {
  const { mean, variance, slope } = predict(row);
  const deviation = Math.sqrt(variance);
  const z = (mean - best) / deviation;
  const log = logImprovement(z);
  const byDeviation = (1 - z * log.slope) / deviation;
  return { value: Math.log(deviation) + log.value, gradient: slope(log.slope / deviation, byDeviation / (2 * deviation)) };
}
