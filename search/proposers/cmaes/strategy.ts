/** Weights and learning rates of CMA-ES: Hansen 2016, arXiv 1604.00772, table 1. */
import { sumOf } from '../../../models/vectors.ts';

export interface Strategy {
  /** Weights of the points by rank, the best first: the positive ones sum to 1. */
  readonly weights: Float64Array;
  /** Effective number of points that the mean is made of. */
  readonly muEff: number;
  /** Rates and damping of the step size: of its path, and of itself. */
  readonly cSigma: number;
  readonly dSigma: number;
  /** Rates of the covariance: of its path, of the path's part, and of that of the points. */
  readonly cPath: number;
  readonly cOne: number;
  readonly cMu: number;
  /** Expected length of a standard normal vector. */
  readonly length: number;
}

/**
 * Damping of the step size beyond its other terms. The tutorial has 1; with mirrored points, half
 * of it is enough (as in pycma), and a sweep has few generations.
 */
const DAMPING = 0.5;

/** Returns the number of points of a generation: table 1, λ. */
export const populationOf = (dimensions: number): number => 4 + Math.floor(3 * Math.log(dimensions));

/** Returns the strategy for so many dimensions and ranked points. */
export function strategyOf(dimensions: number, points: number): Strategy {
  const n = dimensions;
  const raw = Float64Array.from({ length: points }, (_, i) => Math.log((points + 1) / 2) - Math.log(i + 1));
  const positive = raw.filter((weight) => weight > 0);
  const negative = raw.filter((weight) => weight < 0);
  const muEff = effectiveNumber(positive);
  const cOne = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - cOne, (2 * (1 / 4 + muEff + 1 / muEff - 2)) / ((n + 2) ** 2 + muEff));
  // The least of three bounds keeps the covariance positive definite.
  const sumOfNegative = Math.min(1 + cOne / cMu, 1 + (2 * effectiveNumber(negative)) / (muEff + 2), (1 - cOne - cMu) / (n * cMu));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  return {
    weights: raw.map((weight) => (weight > 0 ? weight / sumOf(positive) : (weight * sumOfNegative) / -sumOf(negative))),
    muEff,
    cSigma,
    dSigma: DAMPING + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cPath: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    cOne,
    cMu,
    length: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

const effectiveNumber = (weights: Float64Array): number => sumOf(weights) ** 2 / sumOf(weights.map((weight) => weight ** 2));
