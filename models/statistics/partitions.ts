/**
 * Intervals over partitions of the rows into training, validation and test rows: repeats or folds.
 * Training sets overlap, so that scores are not independent: the variance of their mean over J
 * partitions is estimated by (1 / J + test rows / training rows) s^2, with t of J - 1 degrees of
 * freedom (Nadeau and Bengio 2003, doi:10.1023/A:1024068626366).
 */
import { varianceOf } from '../vectors.ts';
import { type Reach, studentReach } from './reach.ts';

/**
 * Returns the reach of the interval of the mean of one score per partition; null for one.
 * `testToTraining`: number of test rows by that of training rows.
 */
export function partitionReach(scores: Float64Array, testToTraining: number): Reach | null {
  const count = scores.length;
  if (count < 2) return null;
  const variance = (varianceOf(scores) * count) / (count - 1);
  const error = Math.sqrt((1 / count + testToTraining) * variance);
  return studentReach(error, count - 1);
}
