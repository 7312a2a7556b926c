/** A Gaussian process after its observations. */
import { dot, factorise, solveLower, solveUpper, type Triangle } from './cholesky.ts';
import type { Embedding } from './embedding.ts';
import { type Hyperparameters, type Sample, VARIANCE_WEIGHT } from './hyperparameters.ts';
import { correlationAt, fallAt } from './matern.ts';

/** A prediction of the process at a point. */
export interface Prediction {
  readonly mean: number;
  readonly variance: number;
  /**
   * Returns the derivatives, by the columns of the point's row, of a function of mean and variance
   * that has these derivatives, [columns]. Valid until the next prediction.
   */
  slope(byMean: number, byVariance: number): Float64Array;
}

export interface Posterior {
  /** Largest mean of the process at a point that is observed or pending. */
  readonly best: number;
  /** Returns the prediction at the point with this row, [columns]. */
  predict(row: Float64Array): Prediction;
}

/** Rounding may make a variance smaller, or negative. */
const LEAST_VARIANCE = 1e-12;

/** Returns the process after the observations, with pending points observed at their mean. */
export function createPosterior(
  { columns, groupOf }: Embedding,
  { rows, scores }: Sample,
  pending: readonly Float64Array[],
  { lengths, noise }: Hyperparameters,
): Posterior {
  const size = rows.length + pending.length;
  const inverses = Float64Array.from(groupOf, (group) => 1 / (lengths[group] as number));
  const points = new Float64Array(size * columns);
  for (const [i, row] of [...rows, ...pending].entries()) {
    for (let c = 0; c < columns; c++) points[i * columns + c] = (row[c] as number) * (inverses[c] as number);
  }
  /** Returns the square of the distance from point i to the one from position `at` on. */
  const squareBetween = (i: number, others: Float64Array, at: number): number => {
    let square = 0;
    for (let c = 0; c < columns; c++) {
      const difference = (points[i * columns + c] as number) - (others[at + c] as number);
      square += difference * difference;
    }
    return square;
  };
  const factor: Triangle = { size, values: new Float64Array(size * size) };
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) factor.values[i * size + j] = correlationAt(squareBetween(i, points, j * columns));
    factor.values[i * size + i] = 1 + noise;
  }
  factorise(factor);
  // Scores are the factor times independent numbers: zeros give pending points their mean.
  const known = new Float64Array(size);
  known.set(scores);
  solveLower(factor, known, rows.length);
  const variance = (VARIANCE_WEIGHT + dot(known, 0, known, 0, rows.length)) / (VARIANCE_WEIGHT + rows.length);
  const all = Float64Array.from(known, (_, i) => dot(factor.values, i * size, known, 0, i + 1));
  // Mean of the process at a point: its correlations with the others times these weights.
  const weights = known.slice();
  solveUpper(factor, weights);
  const best = weights.reduce((most, weight, i) => Math.max(most, (all[i] as number) - noise * weight), Number.NEGATIVE_INFINITY);
  const correlations = new Float64Array(size);
  const solved = new Float64Array(size);
  return {
    best,
    predict(row) {
      const own = row.map((value, c) => value * (inverses[c] as number));
      for (let i = 0; i < size; i++) correlations[i] = correlationAt(squareBetween(i, own, 0));
      const mean = dot(weights, 0, correlations, 0, size);
      solved.set(correlations);
      solveLower(factor, solved);
      return {
        mean,
        variance: Math.max(LEAST_VARIANCE, variance * (1 - dot(solved, 0, solved, 0, size))),
        slope(byMean, byVariance) {
          solveUpper(factor, solved);
          const slopes = new Float64Array(columns);
          for (let i = 0; i < size; i++) {
            const byCorrelation = byMean * (weights[i] as number) - 2 * variance * byVariance * (solved[i] as number);
            const along = byCorrelation * fallAt(squareBetween(i, own, 0));
            for (let c = 0; c < columns; c++) {
              slopes[c] = (slopes[c] as number) + along * ((points[i * columns + c] as number) - (own[c] as number));
            }
          }
          return slopes.map((slope, c) => slope * (inverses[c] as number));
        },
      };
    },
  };
}
