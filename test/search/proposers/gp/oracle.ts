/** Formulas of Gaussian processes on dense matrices, by Gaussian elimination. */
import assert from 'node:assert/strict';

export function near(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${found} instead of ${expected}`);
}

/** Returns a function of each pair of rows, [rows, rows]. */
export const covarianceOf = (
  rows: readonly Float64Array[],
  between: (a: Float64Array, b: Float64Array) => number,
): Float64Array => Float64Array.from(rows.flatMap((a) => rows.map((b) => between(a, b))));

/** Returns the correlation of the Matérn kernel of smoothness 5/2, with a length per column. */
export function matern(a: Float64Array, b: Float64Array, lengths: readonly number[]): number {
  const d = Math.sqrt(5 * a.reduce((sum, one, c) => sum + ((one - (b[c] as number)) / (lengths[c] as number)) ** 2, 0));
  return (1 + d + d ** 2 / 3) * Math.exp(-d);
}

/** Returns A^-1 b and the logarithm of the determinant of A, [n, n]. */
export function eliminate(matrix: Float64Array, b: readonly number[]): { x: number[]; logDeterminant: number } {
  const n = b.length;
  const rows = b.map((one, i) => [...matrix.subarray(i * n, (i + 1) * n), one]);
  let logDeterminant = 0;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column; i < n; i++) {
      if (Math.abs(rows[i]?.[column] as number) > Math.abs(rows[pivot]?.[column] as number)) pivot = i;
    }
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    const own = rows[column] as number[];
    logDeterminant += Math.log(Math.abs(own[column] as number));
    for (const [i, row] of rows.entries()) {
      if (i === column) continue;
      const factor = (row[column] as number) / (own[column] as number);
      for (let j = column; j <= n; j++) row[j] = (row[j] as number) - factor * (own[j] as number);
    }
  }
  return { x: rows.map((row, i) => (row[n] as number) / (row[i] as number)), logDeterminant };
}
