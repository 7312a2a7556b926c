/** Covered variance on rows that were not trained on, with what chance could make of it: one model on two sets of rows, two models on one. */
import type { Matrix } from '../axes.ts';
import { coveredVariance, coveredVarianceFromSums } from '../evaluation/covered-variance.ts';
import { stream } from '../random.ts';

/** Known spectra and what a model makes of their structures, [N, E] each. */
export interface ScoredRows {
  readonly y: Matrix;
  readonly prediction: Matrix;
}

export interface Difference {
  readonly mean: number;
  /** 95 % by bootstrap over rows. */
  readonly low: number;
  readonly high: number;
}

export interface PerformanceTest {
  readonly reference: number;
  readonly fresh: number;
  /** reference - fresh: positive where the model does worse on the fresh rows. */
  readonly drop: Difference;
  /** Of no drop, one-sided: share of resamples in which there is none. */
  readonly probability: number;
}

const RESAMPLES = 2000;

/** Does a model cover less of the fresh rows than of its own hold-out? Both are resampled. Deterministic for a seed. */
export function testPerformance(reference: ScoredRows, fresh: ScoredRows, seed: number): PerformanceTest {
  const [a, b] = [createResampler(reference), createResampler(fresh)];
  const draw = stream(seed, 'performance');
  const drops = Float64Array.from({ length: RESAMPLES }, () => a(draw.uniform) - b(draw.uniform)).sort();
  const [rho, rhoFresh] = [coveredVariance(reference.y, reference.prediction), coveredVariance(fresh.y, fresh.prediction)];
  const none = drops.findIndex((drop) => drop > 0);
  return {
    reference: rho,
    fresh: rhoFresh,
    drop: { mean: rho - rhoFresh, ...percentiles(drops) },
    probability: ((none < 0 ? RESAMPLES : none) + 1) / (RESAMPLES + 1),
  };
}

/**
 * Covered variance of `challenger` less that of `champion` on the same rows of `y` [N, E]: each resample draws rows once for both, so that what is hard about a row
 * cancels. Throws RangeError where the shapes differ.
 */
export function estimatePairedDifference(y: Matrix, champion: Matrix, challenger: Matrix, seed: number): Difference {
  const mean = coveredVariance(y, challenger) - coveredVariance(y, champion);
  const [errorsA, errorsB] = [sumRowErrors(y, champion), sumRowErrors(y, challenger)];
  const { uniform } = stream(seed, 'paired difference');
  const total = createTotalOfResample(y);
  const differences = Float64Array.from({ length: RESAMPLES }, () => {
    const counts = drawCounts(y.rows, uniform);
    const squares = total(counts);
    return (
      coveredVarianceFromSums(weightedSum(errorsB, counts), squares) -
      coveredVarianceFromSums(weightedSum(errorsA, counts), squares)
    );
  }).sort();
  return { mean, ...percentiles(differences) };
}

function createResampler({ y, prediction }: ScoredRows): (uniform: () => number) => number {
  const errors = sumRowErrors(y, prediction);
  const total = createTotalOfResample(y);
  return (uniform) => {
    const counts = drawCounts(y.rows, uniform);
    return coveredVarianceFromSums(weightedSum(errors, counts), total(counts));
  };
}

/** How often each row is drawn in a resample of all rows. */
function drawCounts(rows: number, uniform: () => number): Uint32Array {
  const counts = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = Math.floor(uniform() * rows);
    counts[row] = (counts[row] as number) + 1;
  }
  return counts;
}

const weightedSum = (values: Float64Array, counts: Uint32Array): number =>
  values.reduce((sum, value, i) => sum + value * (counts[i] as number), 0);

function sumRowErrors(y: Matrix, prediction: Matrix): Float64Array {
  if (y.rows !== prediction.rows || y.columns !== prediction.columns) {
    throw new RangeError(`shapes differ: y [${y.rows}, ${y.columns}], prediction [${prediction.rows}, ${prediction.columns}]`);
  }
  const errors = new Float64Array(y.rows);
  for (let i = 0; i < y.data.length; i++) {
    const row = Math.floor(i / y.columns);
    errors[row] = (errors[row] as number) + ((y.data[i] as number) - (prediction.data[i] as number)) ** 2;
  }
  return errors;
}

/** Sum of squares about the mean of a resample. Spectra are centred first, so that the difference of large sums keeps its digits. */
function createTotalOfResample(y: Matrix): (counts: Uint32Array) => number {
  const { rows, columns: E } = y;
  const means = new Float64Array(E);
  for (let i = 0; i < y.data.length; i++) means[i % E] = (means[i % E] as number) + (y.data[i] as number) / rows;
  const centred = Float64Array.from(y.data, (value, i) => value - (means[i % E] as number));
  const squares = new Float64Array(rows);
  for (let i = 0; i < centred.length; i++) {
    const row = Math.floor(i / E);
    squares[row] = (squares[row] as number) + (centred[i] as number) ** 2;
  }
  return (counts) => {
    const sums = new Float64Array(E);
    for (let row = 0; row < rows; row++) {
      const count = counts[row] as number;
      if (count === 0) continue;
      for (let e = 0; e < E; e++) sums[e] = (sums[e] as number) + count * (centred[row * E + e] as number);
    }
    return weightedSum(squares, counts) - sums.reduce((sum, value) => sum + value ** 2, 0) / rows;
  };
}

function percentiles(sorted: Float64Array): { low: number; high: number } {
  return { low: sorted[Math.floor(0.025 * RESAMPLES)] as number, high: sorted[Math.ceil(0.975 * RESAMPLES) - 1] as number };
}
