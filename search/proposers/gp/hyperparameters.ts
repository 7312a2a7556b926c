/** Length scales and noise of a Gaussian process, fitted to observations. */
import { ascend, type Gradient } from './ascent.ts';
import { dot, factorise, invert, logDeterminant, solveLower, solveUpper, type Triangle } from './cholesky.ts';
import type { Embedding } from './embedding.ts';
import { correlationAt, fallAt } from './matern.ts';

export interface Hyperparameters {
  /** Length scale of each group of columns, [groups]. */
  readonly lengths: Float64Array;
  /** Variance of the noise, in relation to that of the process. */
  readonly noise: number;
}

/** Observations: rows of points and their scores, which vary around 0 by about 1. */
export interface Sample {
  readonly rows: readonly Float64Array[];
  readonly scores: Float64Array;
}

/** Weight of the prior of the variance of the process, in observations: it is about 1. */
export const VARIANCE_WEIGHT = 4;

/** A prior of a logarithm: a normal distribution. */
interface LogPrior {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Returns the prior of the logarithms of length scales. Distances grow with the root of the number
 * of dimensions, and so do lengths (Hvarfner, Hellsten and Nardi 2024, arXiv 2402.02229).
 */
const lengthPrior = (dimensions: number): LogPrior => ({ mean: Math.log(0.5 * Math.sqrt(dimensions)), deviation: 1.2 });
const NOISE_PRIOR: LogPrior = { mean: Math.log(1e-3), deviation: 2 };

const [LEAST_LENGTH, MOST_LENGTH] = [0.01, 100] as const;
const [LEAST_NOISE, MOST_NOISE] = [1e-6, 1] as const;
const ASCENT = { first: 1, evaluations: 20, tolerance: 0.01 } as const;

/**
 * Returns the hyperparameters of the largest posterior density. The variance of the process is
 * integrated out: with an inverse gamma prior, scores have a multivariate t distribution.
 */
export function fitHyperparameters(embedding: Embedding, sample: Sample): Hyperparameters {
  const { groups } = embedding;
  const priors = [...Array<LogPrior>(groups).fill(lengthPrior(groups)), NOISE_PRIOR];
  const ends = (length: number, noise: number) => Float64Array.from(priors, (_, i) => Math.log(i < groups ? length : noise));
  const likelihood = createLikelihood(embedding, sample);
  const evaluate = (at: Float64Array): Gradient => {
    const { value, gradient } = likelihood(at);
    const distances = priors.map(({ mean, deviation }, i) => ((at[i] as number) - mean) / deviation);
    return {
      value: value - distances.reduce((sum, distance) => sum + distance * distance, 0) / 2,
      gradient: gradient.map((slope, i) => slope - (distances[i] as number) / (priors[i] as LogPrior).deviation),
    };
  };
  const start = Float64Array.from(priors, ({ mean }) => mean);
  const bounds = { low: ends(LEAST_LENGTH, LEAST_NOISE), high: ends(MOST_LENGTH, MOST_NOISE) };
  const { at } = ascend(evaluate, start, bounds, ASCENT);
  return { lengths: at.slice(0, groups).map(Math.exp), noise: Math.exp(at[groups] as number) };
}

/**
 * Returns the logarithm of the likelihood, but for a constant, with its derivatives: a function of
 * the logarithms of lengths and noise, [groups + 1].
 */
export function createLikelihood(
  { groups, groupOf, columns }: Embedding,
  { rows, scores }: Sample,
): (at: Float64Array) => Gradient {
  const size = rows.length;
  const pairs = (size * (size - 1)) / 2;
  // Squared distances of each pair of points in each group, [pairs, groups].
  const squares = new Float64Array(pairs * groups);
  for (let i = 1, pair = 0; i < size; i++) {
    for (let j = 0; j < i; j++, pair++) {
      for (let c = 0; c < columns; c++) {
        const difference = ((rows[i] as Float64Array)[c] as number) - ((rows[j] as Float64Array)[c] as number);
        const at = pair * groups + (groupOf[c] as number);
        squares[at] = (squares[at] as number) + difference * difference;
      }
    }
  }
  const covariance = new Float64Array(size * size);
  const falls = new Float64Array(pairs);
  return (at) => {
    const weights = at.slice(0, groups).map((log) => Math.exp(-2 * log));
    const noise = Math.exp(at[groups] as number);
    for (let i = 0, pair = 0; i < size; i++) {
      for (let j = 0; j < i; j++, pair++) {
        const square = dot(squares, pair * groups, weights, 0, groups);
        covariance[i * size + j] = correlationAt(square);
        falls[pair] = fallAt(square);
      }
      covariance[i * size + i] = 1 + noise;
    }
    const factor: Triangle = { size, values: covariance };
    factorise(factor);
    const alpha = scores.slice();
    solveLower(factor, alpha);
    const quadratic = VARIANCE_WEIGHT + dot(alpha, 0, alpha, 0, size);
    const degrees = VARIANCE_WEIGHT + size;
    solveUpper(factor, alpha);
    const inverse = invert(factor).values;
    const gradient = new Float64Array(groups + 1);
    let trace = 0;
    for (let i = 0, pair = 0; i < size; i++) {
      const scaled = ((alpha[i] as number) * degrees) / quadratic;
      for (let j = 0; j < i; j++, pair++) {
        const weight = (scaled * (alpha[j] as number) - (inverse[i * size + j] as number)) * (falls[pair] as number);
        for (let g = 0; g < groups; g++) gradient[g] = (gradient[g] as number) + weight * (squares[pair * groups + g] as number);
      }
      trace += scaled * (alpha[i] as number) - (inverse[i * size + i] as number);
    }
    for (let g = 0; g < groups; g++) gradient[g] = (gradient[g] as number) * (weights[g] as number);
    gradient[groups] = (noise * trace) / 2;
    return { value: -(degrees * Math.log(quadratic) + logDeterminant(factor)) / 2, gradient };
  };
}
