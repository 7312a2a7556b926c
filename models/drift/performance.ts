/**
 * Differences of covered variance with their uncertainty: one model on two sets of rows, two models
 * on one set. Both are ratios of sums over units, rows or groups of rows, so that a difference on
 * the same rows is paired: what makes a row hard for both models cancels.
 */
import type { Interval, Matrix } from '../axes.ts';
import { columnMeans, coveredVariance } from '../evaluation/covered-variance.ts';
import { influences, ratioReach, studentMeanReach } from '../statistics/ratio.ts';
import { combineReaches, intervalAt, type Reach, tailBeyond, widerReach } from '../statistics/reach.ts';
import { increment, rowOf, squaredDistance } from '../vectors.ts';
import type { Groups } from './exchange.ts';

/** Spectra and a model's predictions of them, [N, E] each. */
export interface ScoredRows {
  readonly y: Matrix;
  readonly prediction: Matrix;
  /** Groups of the rows; null where rows are independent. */
  readonly groups: Groups | null;
}

export interface Difference {
  /** 95 %, over rows or groups. */
  readonly interval: Interval;
  /** One-sided probability of a difference at least as large where there is none. */
  readonly probability: number;
}

export interface PerformanceTest {
  readonly reference: number;
  readonly fresh: number;
  /** reference - fresh, 95 % over rows or groups: positive where it is worse on fresh rows. */
  readonly drop: Interval;
  /** One-sided probability of such a drop where there is none. */
  readonly probability: number;
}

/** Tests whether a model covers less variance of fresh rows than of its own hold-out rows. */
export function testPerformance(reference: ScoredRows, fresh: ScoredRows): PerformanceTest {
  const [rho, rhoFresh] = [coveredVariance(reference.y, reference.prediction), coveredVariance(fresh.y, fresh.prediction)];
  const reachOf = ({ y, prediction, groups }: ScoredRows, sign: number) =>
    reachOfRatio(
      sumRowErrors(y, prediction).map((error) => sign * error),
      y,
      groups,
    );
  const [a, b] = [reachOf(reference, -1), reachOf(fresh, 1)];
  const { interval, probability } = differenceAt(rho - rhoFresh, a && b && combineReaches(a, b));
  return { reference: rho, fresh: rhoFresh, drop: interval, probability };
}

/**
 * Returns the covered variance of `challenger` minus that of `champion` on the rows of `y` [N, E].
 * Throws RangeError where the shapes differ.
 */
export function estimatePairedDifference(y: Matrix, champion: Matrix, challenger: Matrix, groups: Groups | null): Difference {
  const mean = coveredVariance(y, challenger) - coveredVariance(y, champion);
  const [ours, theirs] = [sumRowErrors(y, champion), sumRowErrors(y, challenger)];
  return differenceAt(
    mean,
    reachOfRatio(
      ours.map((error, row) => error - (theirs[row] as number)),
      y,
      groups,
    ),
  );
}

/** Without a reach, of one unit, nothing is known but the mean. */
function differenceAt(mean: number, reach: Reach | null): Difference {
  if (reach === null) return { interval: { mean, low: mean, high: mean }, probability: 1 };
  const tail = tailBeyond(mean, reach, 0);
  return { interval: intervalAt(mean, reach), probability: mean > 0 ? tail : 1 - tail };
}

/** Returns the reach of sum(numerators) / (squares of y about its mean), over units. */
function reachOfRatio(numerators: Float64Array, y: Matrix, groups: Groups | null): Reach | null {
  const means = columnMeans(y);
  const squares = Float64Array.from({ length: y.rows }, (_, row) => squaredDistance(rowOf(y, row), means));
  if (groups === null) return widestReach(numerators, squares);
  const units = [...new Set(groups.units)];
  const indices = new Map(units.map((unit, index) => [unit, index]));
  const sum = (values: Float64Array) => {
    const sums = new Float64Array(units.length);
    for (const [row, value] of values.entries()) increment(sums, indices.get(groups.units[row] as number) as number, value);
    return sums;
  };
  return widestReach(sum(numerators), sum(squares));
}

/**
 * Returns the wider of bootstrap-t and Student's t: adjusted probabilities are compared far out in
 * the tails, where resamples of few units end too early.
 */
function widestReach(numerators: Float64Array, denominators: Float64Array): Reach | null {
  const [reach, student] = [
    ratioReach({ numerators, denominators, strata: null }),
    studentMeanReach(influences({ numerators, denominators })),
  ];
  return reach && student && widerReach(reach, student);
}

const sumRowErrors = (y: Matrix, prediction: Matrix): Float64Array =>
  Float64Array.from({ length: y.rows }, (_, row) => squaredDistance(rowOf(y, row), rowOf(prediction, row)));
