/** Bootstrap tests of covered variance: one model on two sets of rows, two models on one set. */
import type { Interval, Matrix } from '../axes.ts';
import { coveredVariance, coveredVarianceFromSums } from '../evaluation/covered-variance.ts';
import { stream } from '../random.ts';
import { bootstrapBounds, rowOf, squaredDistance } from '../vectors.ts';

/** Spectra and a model's predictions of them, [N, E] each. */
export interface ScoredRows {
  readonly y: Matrix;
  readonly prediction: Matrix;
}

export interface PerformanceTest {
  readonly reference: number;
  readonly fresh: number;
  /** reference - fresh, 95 % by bootstrap over rows: positive where it is worse on fresh rows. */
  readonly drop: Interval;
  /** One-sided probability of no drop: the share of resamples without one. */
  readonly probability: number;
}

const RESAMPLES = 2000;

/** Tests whether a model covers less variance of fresh rows than of its own hold-out rows. */
export function testPerformance(reference: ScoredRows, fresh: ScoredRows, seed: number): PerformanceTest {
  const [rho, rhoFresh] = [coveredVariance(reference.y, reference.prediction), coveredVariance(fresh.y, fresh.prediction)];
  const [a, b] = [createResampler(reference), createResampler(fresh)];
  const draw = stream(seed, 'performance');
  const drops = Float64Array.from({ length: RESAMPLES }, () => a(draw.uniform) - b(draw.uniform)).sort();
  const none = drops.findIndex((drop) => drop > 0);
  return {
    reference: rho,
    fresh: rhoFresh,
    drop: { mean: rho - rhoFresh, ...bootstrapBounds(drops) },
    probability: ((none < 0 ? RESAMPLES : none) + 1) / (RESAMPLES + 1),
  };
}

/**
 * Returns the covered variance of `challenger` minus that of `champion` on the rows of `y` [N, E].
 * Both use the same rows of each resample, so that the difficulty of a row cancels. Throws
 * RangeError where the shapes differ.
 */
export function estimatePairedDifference(y: Matrix, champion: Matrix, challenger: Matrix, seed: number): Interval {
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
  return { mean, ...bootstrapBounds(differences) };
}

function createResampler({ y, prediction }: ScoredRows): (uniform: () => number) => number {
  const errors = sumRowErrors(y, prediction);
  const total = createTotalOfResample(y);
  return (uniform) => {
    const counts = drawCounts(y.rows, uniform);
    return coveredVarianceFromSums(weightedSum(errors, counts), total(counts));
  };
}

/** Returns how often each row occurs in a resample of all rows. */
function drawCounts(rows: number, uniform: () => number): Uint32Array {
  const counts = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = Math.floor(uniform() * rows);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
}

const weightedSum = (values: Float64Array, counts: Uint32Array): number =>
  values.reduce((sum, value, i) => sum + value * (counts[i] as number), 0);

const sumRowErrors = (y: Matrix, prediction: Matrix): Float64Array =>
  Float64Array.from({ length: y.rows }, (_, row) => squaredDistance(rowOf(y, row), rowOf(prediction, row)));

/** Returns squares about a resample's mean, from centred spectra to avoid cancellation. */
function createTotalOfResample(y: Matrix): (counts: Uint32Array) => number {
  const { rows, columns: E } = y;
  const means = new Float64Array(E);
  for (const [i, value] of y.data.entries()) means[i % E] = (means[i % E] ?? 0) + value / rows;
  const centred = Float64Array.from(y.data, (value, i) => value - (means[i % E] ?? 0));
  const squares = Float64Array.from({ length: rows }, (_, row) =>
    centred.subarray(row * E, (row + 1) * E).reduce((sum, value) => sum + value ** 2, 0),
  );
  return (counts) => {
    const sums = new Float64Array(E);
    for (const [row, count] of counts.entries()) {
      if (count === 0) continue;
      for (let e = 0; e < E; e++) sums[e] = (sums[e] as number) + count * (centred[row * E + e] as number);
    }
    return weightedSum(squares, counts) - sums.reduce((sum, value) => sum + value ** 2, 0) / rows;
  };
}
