/** Scores of standardised structures on orthonormal components V [k, D], and expansions. */
import { addScaled, dot, rowsOf } from '../vectors.ts';

/** Returns t = x V', [k]. */
export function projectRow(x: ArrayLike<number>, V: Float32Array): Float64Array {
  return Float64Array.from(rowsOf(V, x.length), (v) => dot(x, v));
}

/** Returns x' = t V, [D]. */
export function expandRow(t: ArrayLike<number>, V: Float32Array): Float64Array {
  const expanded = new Float64Array(V.length / t.length);
  for (const [j, v] of rowsOf(V, expanded.length).entries()) addScaled(expanded, t[j] ?? 0, v);
  return expanded;
}
