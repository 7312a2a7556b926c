/**
 * Two-sample test of many columns jointly by the energy distance of Székely and Rizzo (2013,
 * doi:10.1016/j.jspi.2013.03.018): twice the mean distance between the samples minus the mean
 * distances within each. It is zero only for equal distributions; permuted labels give its null
 * distribution.
 */
import type { Matrix } from '../axes.ts';
import { shuffle } from '../random.ts';
import { rowOf, squaredDistance } from '../vectors.ts';

export interface JointTest {
  readonly distance: number;
  /** Share of permutations, the observed labels included, whose distance is at least as large. */
  readonly probability: number;
  readonly permutations: number;
}

/**
 * Compares `a` [n, D] with `b` [m, D], in comparable units. Deterministic for a seed. Throws
 * RangeError where the numbers of columns differ or a sample has fewer than two rows.
 */
export function testEnergyDistance(
  a: Matrix,
  b: Matrix,
  { permutations, seed }: { readonly permutations: number; readonly seed: number },
): JointTest {
  if (a.columns !== b.columns) throw new RangeError(`the samples have ${a.columns} and ${b.columns} columns`);
  if (a.rows < 2 || b.rows < 2) throw new RangeError('a sample needs two rows at least');
  const between = pairwiseDistances(a, b);
  const rows = a.rows + b.rows;
  const sums = Float64Array.from({ length: rows }, (_, i) =>
    between.subarray(i * rows, (i + 1) * rows).reduce((sum, d) => sum + d, 0),
  );
  const total = sums.reduce((sum, value) => sum + value, 0);
  // Sums over the smaller sample determine the others, so a permutation costs the square of the
  // smaller sample only.
  const size = Math.min(a.rows, b.rows);
  const distanceOf = (members: Uint32Array): number => {
    let within = 0;
    let across = 0;
    for (const i of members) {
      across += sums[i] as number;
      for (const j of members) within += between[i * rows + j] as number;
    }
    across -= within;
    const others = rows - size;
    const rest = total - within - 2 * across;
    return (2 * across) / (size * others) - within / size ** 2 - rest / others ** 2;
  };
  const everyRow = Uint32Array.from({ length: rows }, (_, i) => i);
  const observed = distanceOf(b.rows <= a.rows ? everyRow.subarray(a.rows) : everyRow.subarray(0, a.rows));
  let atLeast = 1;
  for (let permutation = 0; permutation < permutations; permutation++) {
    // The order of summation can change the last digits of equal splits.
    if (distanceOf(shuffle(everyRow, seed, 'energy distance', permutation).subarray(0, size)) >= observed - 1e-12) atLeast++;
  }
  return { distance: observed, probability: atLeast / (permutations + 1), permutations };
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
