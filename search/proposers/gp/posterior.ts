/** A Gaussian process after its observations. */
import { dot, factorise, solveLower, solveUpper, type Triangle } from './cholesky.ts';
import type { Embedding } from './embedding.ts';
import { type Hyperparameters, type Sample, VARIANCE_WEIGHT } from './hyperparameters.ts';
import { correlationAt, fallAt } from './matern.ts';

/** A prediction of the process at a point. */
export interface Prediction {
  /** Mean in each fantasy, [fantasies]. */
  readonly means: Float64Array;
  readonly variance: number;
  /**
   * Returns the derivatives, by the columns of the point's row, of a function of means and variance
   * that has these derivatives, [columns]. Valid until the next prediction.
   */
  slope(byMeans: Float64Array, byVariance: number): Float64Array;
}

export interface Posterior {
  /** Largest mean of the process at a point that is observed or pending, [fantasies]. */
  readonly best: Float64Array;
  /** Returns the prediction at the point with this row, [columns]. */
  predict(row: Float64Array): Prediction;
}

/** Rounding may make a variance smaller, or negative. */
const LEAST_VARIANCE = 1e-12;

/**
 * Returns the process after the observations and after scores of pending points, which are drawn
 * from their common distribution, once for each fantasy. `fantasies`: standard normal numbers,
 * [fantasies] of [pending]; zeros give pending points their mean.
 */
export function createPosterior(
  { columns, groupOf }: Embedding,
  { rows, scores }: Sample,
  pending: readonly Float64Array[],
  { lengths, noise }: Hyperparameters,
  fantasies: readonly Float64Array[],
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
  // Scores are the factor times independent numbers, known ones of the observed points.
  const known = new Float64Array(size);
  known.set(scores);
  solveLower(factor, known, rows.length);
  const variance = (VARIANCE_WEIGHT + dot(known, 0, known, 0, rows.length)) / (VARIANCE_WEIGHT + rows.length);
  const best = new Float64Array(fantasies.length);
  // Mean of the process at a point: its correlations with the others times these weights.
  const weights = fantasies.map((draws, f) => {
    const own = known.slice();
    own.set(
      draws.map((draw) => draw * Math.sqrt(variance)),
      rows.length,
    );
    const drawn = Float64Array.from(own, (_, i) => dot(factor.values, i * size, own, 0, i + 1));
    solveUpper(factor, own);
    best[f] = own.reduce((most, weight, i) => Math.max(most, (drawn[i] as number) - noise * weight), Number.NEGATIVE_INFINITY);
    return own;
  });
  const correlations = new Float64Array(size);
  const solved = new Float64Array(size);
  return {
    best,
    predict(row) {
      const own = row.map((value, c) => value * (inverses[c] as number));
      for (let i = 0; i < size; i++) correlations[i] = correlationAt(squareBetween(i, own, 0));
      const means = Float64Array.from(weights, (of) => dot(of, 0, correlations, 0, size));
      solved.set(correlations);
      solveLower(factor, solved);
      return {
        means,
        variance: Math.max(LEAST_VARIANCE, variance * (1 - dot(solved, 0, solved, 0, size))),
        slope(byMeans, byVariance) {
          solveUpper(factor, solved);
          const slopes = new Float64Array(columns);
          for (let i = 0; i < size; i++) {
            let byCorrelation = -2 * variance * byVariance * (solved[i] as number);
            for (const [f, of] of weights.entries()) byCorrelation += (byMeans[f] as number) * (of[i] as number);
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
