/** Weights of the targets in the loss: docs/decisions/0070-target-weights.md. */
import { squaresByColumn } from '../evaluation/covered-variance.ts';
import { keptColumns } from '../scaling.ts';
import { variesBeyondRounding } from '../variation.ts';
import { sumOf } from '../vectors.ts';
import { DEFAULTS, type TrialConfiguration } from './configuration.ts';
import type { PackData } from './task.ts';

/**
 * Returns the factors of targets in training, [E], for `targetWeighting` p: the square root of
 * w_j ~ sigma_j^p, by which the loss weighs the squared error of scaled target j; sigma_j is its
 * deviation over the training rows in its own units. Undefined where all weigh the same. Scaled so
 * that predicting the mean has the same loss as without weights, and rates suit both; constant
 * targets keep the factor 1.
 */
export function targetScalesOf(
  { y, rows: { train }, scaling }: PackData,
  { targetWeighting: p = DEFAULTS.targetWeighting }: Pick<TrialConfiguration, 'targetWeighting'>,
): Float64Array | undefined {
  if (p === 0) return undefined;
  const squares = squaresByColumn(y, train);
  const weights = Float64Array.from(keptColumns(scaling.y), ({ mean, deviation }, j) => {
    const sigma = Math.sqrt((squares[j] as number) / train.length) * deviation;
    return variesBeyondRounding(sigma, mean) ? sigma ** p : 0;
  });
  const factor = sumOf(squares) / sumOf(squares.map((square, j) => square * (weights[j] as number)));
  return weights.map((weight) => (weight > 0 ? Math.sqrt(factor * weight) : 1));
}
