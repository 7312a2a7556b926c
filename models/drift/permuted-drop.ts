/** The drop of covered variance in permutations of units. */
import { columnMeans } from '../evaluation/covered-variance.ts';
import { add, addScaled, dot, increment, rowOf, squaredDistance } from '../vectors.ts';
import { drawLabels, type Exchange } from './exchange.ts';
import type { ScoredRows } from './performance.ts';
import type { PermutedStatistic } from './permutations.ts';

/** Spectra and predictions; their groups are those of the exchange. */
type Scored = Pick<ScoredRows, 'y' | 'prediction'>;

/**
 * Returns the drop in units of its standard error, as observed and in permutations of units: a
 * studentised statistic, so that samples may differ in what is not tested (Chung and Romano 2013,
 * "Exact and asymptotically robust permutation tests").
 */
export function permuteDrop(reference: Scored, fresh: Scored, exchange: Exchange, permutations: number): PermutedStatistic {
  const sums = sumOverUnits([reference, fresh], exchange);
  return Float64Array.from(drawLabels(exchange, permutations), (isFresh) => {
    const [a, b] = [errorRatio(sums, isFresh, 0), errorRatio(sums, isFresh, 1)];
    const error = Math.sqrt(a.variance + b.variance);
    return error > 0 ? (b.ratio - a.ratio) / error : 0;
  });
}

/** Sums over the rows of each unit. */
interface UnitSums {
  readonly rows: Float64Array;
  readonly errors: Float64Array;
  /** Squares about a common centre. */
  readonly squares: Float64Array;
  /** Distances from it, [E] each. */
  readonly shifts: readonly Float64Array[];
}

function sumOverUnits(samples: readonly [Scored, Scored], { units, unitOf }: Exchange): UnitSums {
  const centre = columnMeans(samples[0].y);
  const [rows, errors, squares] = [new Float64Array(units), new Float64Array(units), new Float64Array(units)];
  const shifts = Array.from({ length: units }, () => new Float64Array(centre.length));
  const pairs = samples.flatMap(({ y, prediction }) =>
    Array.from({ length: y.rows }, (_, row) => [rowOf(y, row), rowOf(prediction, row)] as const),
  );
  for (const [row, [own, predicted]] of pairs.entries()) {
    const unit = unitOf[row] as number;
    const shift = shifts[unit] as Float64Array;
    increment(rows, unit, 1);
    increment(errors, unit, squaredDistance(own, predicted));
    increment(squares, unit, squaredDistance(own, centre));
    add(shift, own);
    addScaled(shift, -1, centre);
  }
  return { rows, errors, squares, shifts };
}

/** Returns sum(errors) / (squares about the mean) of the units of a side, and its variance. */
function errorRatio(sums: UnitSums, isFresh: Uint8Array, side: number): { readonly ratio: number; readonly variance: number } {
  const units = sums.shifts.flatMap((_, unit) => (isFresh[unit] === side ? [unit] : []));
  const total = (values: Float64Array) => units.reduce((sum, unit) => sum + (values[unit] as number), 0);
  const rows = total(sums.rows);
  const mean = new Float64Array(sums.shifts[0]?.length ?? 0);
  for (const unit of units) addScaled(mean, 1 / rows, sums.shifts[unit] as Float64Array);
  const length = dot(mean, mean);
  const spread = total(sums.squares) - rows * length;
  const ratio = total(sums.errors) / spread;
  let sum = 0;
  for (const unit of units) {
    const [own, shift] = [sums.rows[unit] as number, sums.shifts[unit] as Float64Array];
    const about = (sums.squares[unit] as number) - 2 * dot(mean, shift) + own * length;
    sum += ((sums.errors[unit] as number) - ratio * about) ** 2;
  }
  return { ratio, variance: units.length > 1 ? (sum * units.length) / (units.length - 1) / spread ** 2 : 0 };
}
