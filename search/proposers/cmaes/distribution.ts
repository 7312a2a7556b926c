/**
 * The normal distribution that an evolution strategy draws from, and its adaptation to scores
 * (CMA-ES: Hansen and Ostermeier 2001, doi:10.1162/106365601750190398). Symbols are those of
 * Hansen's tutorial (2016, arXiv 1604.00772), algorithm C.
 */
import { buildMatrix, decomposeSymmetric, type SquareMatrix } from '../../../models/symmetric-eigen.ts';
import { addScaled, dot } from '../../../models/vectors.ts';
import type { Strategy } from './strategy.ts';

export interface SearchDistribution {
  /** m, [D]. */
  readonly mean: Float64Array;
  /** σ. */
  readonly stepSize: number;
  /** C, with its root and the inverse of that. */
  readonly covariance: SquareMatrix;
  readonly root: SquareMatrix;
  readonly inverseRoot: SquareMatrix;
  /** Ratio of the longest to the shortest axis of its ellipsoid. */
  readonly condition: number;
  /** Factors of the axes beyond those of the covariance, [D]: more than 1 for values in steps. */
  readonly stretch: Float64Array;
  /** Paths of the step size, p_σ, and of the covariance, p_c. */
  readonly stepPath: Float64Array;
  readonly covariancePath: Float64Array;
  /** Generations that it was adapted to. */
  readonly generations: number;
}

/** A position that was tried; a higher score is better, minus infinity without one. */
export interface ScoredPosition {
  readonly position: Float64Array;
  readonly score: number;
}

/** Returns a distribution that is equally wide in all directions. */
export function createDistribution(mean: Float64Array, stepSize: number): SearchDistribution {
  const identity = buildMatrix(mean.length, (row, column) => (row === column ? 1 : 0));
  return {
    mean,
    stepSize,
    ...{ covariance: identity, root: identity, inverseRoot: identity, condition: 1 },
    stretch: new Float64Array(mean.length).fill(1),
    stepPath: new Float64Array(mean.length),
    covariancePath: new Float64Array(mean.length),
    generations: 0,
  };
}

/**
 * Returns the weighted mean of the better half of some positions, the best with the largest weight:
 * where a search begins.
 */
export function recombine(points: readonly ScoredPosition[]): Float64Array {
  const half = Math.max(1, Math.floor(points.length / 2));
  const weights = Float64Array.from(points, (_, i) => Math.max(0, Math.log(half + 1 / 2) - Math.log(i + 1)));
  return weightedMean(
    points.map(({ position }) => position),
    weighByRank(points, weights),
  );
}

/** Returns the position of a standard normal vector. */
export function placeAt({ mean, stepSize, root, stretch }: SearchDistribution, normal: Float64Array): Float64Array {
  const step = multiply(root, normal);
  return mean.map((at, i) => at + stepSize * (stretch[i] as number) * (step[i] as number));
}

/** Returns the standard deviations along the axes. */
export const deviationsOf = ({ stepSize, covariance, stretch }: SearchDistribution): Float64Array =>
  stretch.map((factor, i) => stepSize * factor * Math.sqrt(covariance[i]?.[i] as number));

/**
 * Returns the distribution after points whose scores differ: at least as many as the strategy has
 * weights, of which the best and the worst have them.
 */
export function adapt(from: SearchDistribution, points: readonly ScoredPosition[], strategy: Strategy): SearchDistribution {
  const { muEff, cSigma, dSigma, cPath, cOne, cMu, length } = strategy;
  const n = from.mean.length;
  const generations = from.generations + 1;
  const ranked = weighByRank(points, widen(strategy.weights, points.length));
  // Those in the middle count for nothing.
  const weights = ranked.filter((weight) => weight !== 0);
  const steps = points.filter((_, i) => ranked[i] !== 0).map(({ position }) => limitStep(from, position));

  const meanStep = weightedMean(
    steps,
    weights.map((weight) => Math.max(0, weight)),
  );
  const mean = from.mean.map((at, i) => at + from.stepSize * (from.stretch[i] as number) * (meanStep[i] as number));

  const stepPath = follow(from.stepPath, cSigma, muEff, multiply(from.inverseRoot, meanStep));
  const travelled = Math.sqrt(dot(stepPath, stepPath));
  const stepSize = from.stepSize * Math.exp(Math.min(1, (cSigma / dSigma) * (travelled / length - 1)));

  // A path that is long because the steps are too short says nothing about the covariance: h_σ.
  const isStalled = travelled / Math.sqrt(1 - (1 - cSigma) ** (2 * generations)) >= (1.4 + 2 / (n + 1)) * length;
  const covariancePath = isStalled
    ? from.covariancePath.map((value) => (1 - cPath) * value)
    : follow(from.covariancePath, cPath, muEff, meanStep);

  const sum = weights.reduce((total, weight) => total + weight, 0);
  const kept = 1 - cOne - cMu * sum + (isStalled ? cOne * cPath * (2 - cPath) : 0);
  // Bad steps are taken at a common length, or long ones would make the matrix indefinite.
  const shares = weights.map(
    (weight, i) => cMu * (weight > 0 ? weight : (weight * n) / (NEGLIGIBLE + squaredLength(from, steps[i] as Float64Array))),
  );
  const covariance = from.covariance.map((row) => row.map((value) => kept * value));
  addSquare(covariance, cOne, covariancePath);
  steps.forEach((step, i) => {
    addSquare(covariance, shares[i] as number, step);
  });
  return { mean, stepSize, covariance, ...rootsOf(covariance), stretch: from.stretch, stepPath, covariancePath, generations };
}

/** matrix += factor v v', in place. */
function addSquare(matrix: SquareMatrix, factor: number, vector: Float64Array): void {
  for (let row = 0; row < vector.length; row++) {
    for (let column = 0; column <= row; column++) {
      const product = factor * ((vector[row] as number) * (vector[column] as number));
      (matrix[row] as Float64Array)[column] = (matrix[row]?.[column] as number) + product;
      if (column < row) (matrix[column] as Float64Array)[row] = matrix[row]?.[column] as number;
    }
  }
}

/** Returns weights for more ranks: none for those in the middle. */
function widen(weights: Float64Array, count: number): Float64Array {
  const best = Math.ceil(weights.length / 2);
  const wide = new Float64Array(count);
  wide.set(weights.subarray(0, best));
  wide.set(weights.subarray(best), count - (weights.length - best));
  return wide;
}

/**
 * Returns the weights of points from those of ranks. Points with the same score share theirs: an
 * order that nobody knows must not lead the search.
 */
export function weighByRank(points: readonly ScoredPosition[], weights: Float64Array): Float64Array {
  const scoreAt = (i: number) => points[i]?.score as number;
  const order = points.map((_, i) => i).sort((a, b) => (scoreAt(a) === scoreAt(b) ? a - b : scoreAt(b) - scoreAt(a)));
  const shared = new Float64Array(points.length);
  for (let first = 0; first < order.length; ) {
    let next = first;
    while (next < order.length && scoreAt(order[next] as number) === scoreAt(order[first] as number)) next++;
    const total = weights.subarray(first, next).reduce((sum, weight) => sum + weight, 0);
    for (const i of order.slice(first, next)) shared[i] = total / (next - first);
    first = next;
  }
  return shared;
}

/** Returns the step from the mean to a position, y. */
const stepTo = ({ mean, stepSize, stretch }: SearchDistribution, position: Float64Array): Float64Array =>
  position.map((at, i) => (at - (mean[i] as number)) / (stepSize * (stretch[i] as number)));

/** Returns the Mahalanobis length that a step hardly exceeds in n dimensions. */
const longestOf = (n: number): number => Math.sqrt(n) + (2 * n) / (n + 2);

/**
 * Returns the step to a position, shortened to a likely length. Positions that were mirrored at the
 * ends of a range, or come from an earlier distribution, may be far away (Hansen 2011, "Injecting
 * external solutions into CMA-ES", arXiv 1110.4181).
 */
function limitStep(from: SearchDistribution, position: Float64Array): Float64Array {
  const step = stepTo(from, position);
  const factor = longestOf(step.length) / Math.sqrt(squaredLength(from, step));
  return factor < 1 ? step.map((value) => value * factor) : step;
}

/** Whether a distribution, or the one before it, may have drawn a position. */
export const isLikely = (from: SearchDistribution, position: Float64Array): boolean =>
  squaredLength(from, stepTo(from, position)) < (2 * longestOf(position.length)) ** 2;

/** Returns the square of the Mahalanobis length of a step. */
function squaredLength({ inverseRoot }: SearchDistribution, step: Float64Array): number {
  const normal = multiply(inverseRoot, step);
  return dot(normal, normal);
}

/** Returns the path after a step, of whose variance it keeps the share: E|path|² stays the same. */
const follow = (path: Float64Array, rate: number, muEff: number, step: Float64Array): Float64Array =>
  path.map((value, i) => (1 - rate) * value + Math.sqrt(rate * (2 - rate) * muEff) * (step[i] as number));

const multiply = (matrix: SquareMatrix, vector: Float64Array): Float64Array =>
  Float64Array.from(matrix, (row) => dot(row, vector));

/** Returns the mean of vectors with these weights. */
function weightedMean(vectors: readonly Float64Array[], weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array((vectors[0] as Float64Array).length);
  vectors.forEach((vector, i) => {
    addScaled(mean, (weights[i] as number) / total, vector);
  });
  return mean;
}

/** Added to a squared length that divides. */
const NEGLIGIBLE = 1e-8;

/** Smallest variance along an axis of the ellipsoid, in relation to the largest. */
const LEAST_VARIANCE = 1e-16;

function rootsOf(covariance: SquareMatrix): Pick<SearchDistribution, 'root' | 'inverseRoot' | 'condition'> {
  const { values, vectors } = decomposeSymmetric(covariance);
  const largest = Math.max(...values);
  const deviations = values.map((value) => Math.sqrt(Math.max(value, LEAST_VARIANCE * largest)));
  const compose = (factors: Float64Array): SquareMatrix => {
    const composed = buildMatrix(covariance.length, () => 0);
    vectors.forEach((vector, i) => {
      addSquare(composed, factors[i] as number, vector);
    });
    return composed;
  };
  return {
    root: compose(deviations),
    inverseRoot: compose(deviations.map((deviation) => 1 / deviation)),
    condition: Math.sqrt(largest) / Math.min(...deviations),
  };
}
