/** The linear side of ECA and NNCA: scores of a structure on components V [k, D] with orthonormal rows, and back. Structures are standardised. */

/** t = x V', [k]. */
export function projectRow(x: ArrayLike<number>, V: Float32Array): Float64Array {
  const D = x.length;
  return Float64Array.from({ length: V.length / D }, (_, j) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += (x[d] as number) * (V[j * D + d] as number);
    return sum;
  });
}

/** x' = t V, [D]. */
export function expandRow(t: ArrayLike<number>, V: Float32Array): Float64Array {
  const D = V.length / t.length;
  return Float64Array.from({ length: D }, (_, d) => {
    let sum = 0;
    for (let j = 0; j < t.length; j++) sum += (t[j] as number) * (V[j * D + d] as number);
    return sum;
  });
}
