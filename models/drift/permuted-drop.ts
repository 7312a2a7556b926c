/** The drop of covered variance in permutations of groups. */
import { columnMeans } from '../evaluation/covered-variance.ts';
import { add, addScaled, dot, rowOf, squaredDistance } from '../vectors.ts';
import { drawLabels, type Exchange } from './exchange.ts';
import type { ScoredRows } from './performance.ts';
import type { PermutedStatistic } from './permutations.ts';

/**
 * Returns the drop in units of its standard error, as observed and in permutations of groups: a
 * studentised statistic, so that samples may differ in what is not tested (Chung and Romano 2013,
 * "Exact and asymptotically robust permutation tests").
 */
export function permuteDrop(
  reference: ScoredRows,
  fresh: ScoredRows,
  exchange: Exchange,
  permutations: number,
): PermutedStatistic {
  const sums = sumOverUnits([reference, fresh], exchange);
  return Float64Array.from(drawLabels(exchange, permutations), (isFresh) => {
    const ratioOf = (side: number) => errorRatio(sums.filter((_, unit) => isFresh[unit] === side));
    const [a, b] = [ratioOf(0), ratioOf(1)];
    const error = Math.sqrt(a.variance + b.variance);
    return error > 0 ? (b.ratio - a.ratio) / error : 0;
  });
}

/** Sums over the rows of a unit. */
interface UnitSums {
  rows: number;
  errors: number;
  /** Squares about a common centre. */
  squares: number;
  /** Distances from it, [E]. */
  readonly shift: Float64Array;
}

function sumOverUnits(samples: readonly [ScoredRows, ScoredRows], { units, unitOf }: Exchange): UnitSums[] {
  const centre = columnMeans(samples[0].y);
  const sums = Array.from({ length: units }, (): UnitSums => {
    return { rows: 0, errors: 0, squares: 0, shift: new Float64Array(centre.length) };
  });
  const rows = samples.flatMap(({ y, prediction }) =>
    Array.from({ length: y.rows }, (_, row) => [rowOf(y, row), rowOf(prediction, row)] as const),
  );
  for (const [row, [own, predicted]] of rows.entries()) {
    const unit = sums[unitOf[row] as number] as UnitSums;
    unit.rows += 1;
    unit.errors += squaredDistance(own, predicted);
    unit.squares += squaredDistance(own, centre);
    add(unit.shift, own);
    addScaled(unit.shift, -1, centre);
  }
  return sums;
}

/** Returns sum(errors) / (squares about the mean) and the variance of that ratio over units. */
function errorRatio(sums: readonly UnitSums[]): { readonly ratio: number; readonly variance: number } {
  let [rows, errors, squares] = [0, 0, 0];
  const mean = new Float64Array(sums[0]?.shift.length ?? 0);
  for (const unit of sums) {
    rows += unit.rows;
    errors += unit.errors;
    squares += unit.squares;
    add(mean, unit.shift);
  }
  for (let e = 0; e < mean.length; e++) mean[e] = (mean[e] as number) / rows;
  const length = dot(mean, mean);
  const total = squares - rows * length;
  const ratio = errors / total;
  const influences = sums.map((unit) => unit.errors - ratio * (unit.squares - 2 * dot(mean, unit.shift) + unit.rows * length));
  const sum = influences.reduce((all, value) => all + value ** 2, 0);
  return { ratio, variance: sums.length > 1 ? (sum * sums.length) / (sums.length - 1) / total ** 2 : 0 };
}
