/**
 * Two-sample test of many columns jointly by the energy distance of Székely and Rizzo (2013,
 * doi:10.1016/j.jspi.2013.03.018): twice the mean distance between the samples minus the mean
 * distances within each. It is zero only for equal distributions; permuted labels give its null
 * distribution.
 */
import type { Matrix } from '../axes.ts';
import { increment, rowOf, squaredDistance } from '../vectors.ts';
import { type Exchange, markUnits } from './exchange.ts';
import { type PermutedStatistic, shareFrom } from './permutations.ts';

export interface JointTest {
  readonly distance: number;
  /** Share of permutations, the observed labels included, whose distance is at least as large. */
  readonly probability: number;
  readonly permutations: number;
}

/** Returns the test of observed and permuted energy distances. */
export const jointTestOf = (distances: PermutedStatistic): JointTest => {
  const distance = distances[0] as number;
  return { distance, probability: shareFrom(distances, distance), permutations: distances.length - 1 };
};

/**
 * Returns the energy distance of `a` [n, D] and `b` [m, D], in comparable units, as observed and in
 * permutations. Throws RangeError where the numbers of columns differ or a sample has fewer than
 * two rows.
 */
export function permuteEnergyDistance(a: Matrix, b: Matrix, exchange: Exchange, permutations: number): PermutedStatistic {
  if (a.columns !== b.columns) throw new RangeError(`the samples have ${a.columns} and ${b.columns} columns`);
  if (a.rows < 2 || b.rows < 2) throw new RangeError('a sample needs two rows at least');
  const { units, first, unitOf } = exchange;
  const between = sumByUnits(pairwiseDistances(a, b), exchange);
  const sizes = new Float64Array(units);
  for (const unit of unitOf) increment(sizes, unit, 1);
  const rows = a.rows + b.rows;
  const sums = new Float64Array(units);
  for (const [at, distance] of between.entries()) increment(sums, Math.floor(at / units), distance);
  const total = sums.reduce((sum, value) => sum + value, 0);
  const distanceOf = (members: Uint32Array): number => {
    let within = 0;
    let across = 0;
    let size = 0;
    for (const i of members) {
      size += sizes[i] as number;
      across += sums[i] as number;
      for (const j of members) within += between[i * units + j] as number;
    }
    across -= within;
    const others = rows - size;
    const rest = total - within - 2 * across;
    return (2 * across) / (size * others) - within / size ** 2 - rest / others ** 2;
  };
  const every = Uint32Array.from({ length: units }, (_, i) => i);
  // Sums over one sample determine the others: those over fewer units are the cheaper ones.
  const fewer = (second: Uint32Array): Uint32Array => {
    if (2 * second.length <= units) return second;
    const marks = markUnits(exchange, second);
    return every.filter((unit) => marks[unit] === 0);
  };
  const observed = distanceOf(fewer(every.subarray(first)));
  const drawn = Array.from({ length: permutations }, (_, permutation) => distanceOf(fewer(exchange.draw(permutation))));
  return Float64Array.of(observed, ...drawn);
}

/** Returns the sums of distances between the rows of all pairs of units, [units, units]. */
function sumByUnits(distances: Float32Array, { units, unitOf }: Exchange): Float32Array | Float64Array {
  const rows = unitOf.length;
  if (units === rows) return distances;
  const sums = new Float64Array(units * units);
  for (const [i, unit] of unitOf.entries()) {
    for (const [j, other] of unitOf.entries()) increment(sums, unit * units + other, distances[i * rows + j] as number);
  }
  return sums;
}

/** Returns Euclidean distances between all rows of both samples, [n + m, n + m]. */
function pairwiseDistances(a: Matrix, b: Matrix): Float32Array {
  const views = [a, b].flatMap((matrix) => Array.from({ length: matrix.rows }, (_, row) => rowOf(matrix, row)));
  const rows = views.length;
  const distances = new Float32Array(rows * rows);
  for (const [i, first] of views.entries()) {
    for (const [j, second] of views.slice(0, i).entries()) {
      const distance = Math.sqrt(squaredDistance(first, second));
      distances[i * rows + j] = distance;
      distances[j * rows + i] = distance;
    }
  }
  return distances;
}
