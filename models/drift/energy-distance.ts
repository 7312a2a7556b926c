/**
 * Have many columns shifted together, in ways that no single one shows? The energy distance of Székely and Rizzo (2013, doi:10.1016/j.jspi.2013.03.018): twice the mean
 * distance between the samples, less the mean distances within each. It is zero for equal distributions only; its null distribution comes from permuting the labels.
 */
import type { Matrix } from '../axes.ts';
import { shuffle } from '../random.ts';

export interface JointTest {
  readonly distance: number;
  /** Share of permutations with a distance at least as large, the observed one counted among them. */
  readonly probability: number;
  readonly permutations: number;
}

/** `a` [n, D] and `b` [m, D] in comparable units. Deterministic for a seed. Throws RangeError where the columns differ or a sample has fewer than two rows. */
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
  // The sums within one sample and of its rows give the rest, so that a permutation costs the square of the smaller sample only.
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
    // Equal splits can differ in their last digits by the order of summation.
    if (distanceOf(shuffle(everyRow, seed, 'energy distance', permutation).subarray(0, size)) >= observed - 1e-12) atLeast++;
  }
  return { distance: observed, probability: atLeast / (permutations + 1), permutations };
}

/** Euclidean, [n + m, n + m]. */
function pairwiseDistances(a: Matrix, b: Matrix): Float32Array {
  const rows = a.rows + b.rows;
  const D = a.columns;
  const data = new Float32Array(rows * D);
  data.set(a.data.subarray(0, a.rows * D));
  data.set(b.data.subarray(0, b.rows * D), a.rows * D);
  const result = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      let squares = 0;
      for (let d = 0; d < D; d++) squares += ((data[i * D + d] as number) - (data[j * D + d] as number)) ** 2;
      const distance = Math.sqrt(squares);
      result[i * rows + j] = distance;
      result[j * rows + i] = distance;
    }
  }
  return result;
}
