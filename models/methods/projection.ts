/** Scores of standardised structures on orthonormal components V [k, D], and expansions. */
import { addScaled, dot } from '../vectors.ts';

/** Returns t = x V', [k]. */
export function projectRow(x: ArrayLike<number>, V: Float32Array): Float64Array {
  const t = new Float64Array(V.length / x.length);
  for (let j = 0; j < t.length; j++) t[j] = dot(x, V, j * x.length);
  return t;
}

/** Returns x' = t V, [D]. */
export function expandRow(t: ArrayLike<number>, V: Float32Array): Float64Array {
  const expanded = new Float64Array(V.length / t.length);
  for (let j = 0; j < t.length; j++) addScaled(expanded, t[j] as number, V, j * expanded.length);
  return expanded;
}
