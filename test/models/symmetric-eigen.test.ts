import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../models/random.ts';
import { buildMatrix, decomposeSymmetric, type SquareMatrix } from '../../models/symmetric-eigen.ts';
import { dot } from '../../models/vectors.ts';

const rising = (values: Float64Array): number[] => [...values].sort((a, b) => a - b);

function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(Math.abs((actual[i] as number) - (expected[i] as number)) <= tolerance, `${actual[i]} is not ${expected[i]}`);
  }
}

/** Checks that the vectors are orthonormal and compose the matrix. */
function assertDecomposes(matrix: SquareMatrix): void {
  const { values, vectors } = decomposeSymmetric(matrix);
  const scale = Math.max(...values.map(Math.abs));
  vectors.forEach((vector, i) => {
    vectors.forEach((other, k) => {
      assertNear([dot(vector, other)], [i === k ? 1 : 0], 1e-13);
    });
  });
  const composed = buildMatrix(matrix.length, (row, column) =>
    values.reduce((sum, value, i) => sum + value * (vectors[i]?.[row] as number) * (vectors[i]?.[column] as number), 0),
  );
  composed.forEach((row, i) => {
    assertNear(row, matrix[i] as Float64Array, 1e-13 * scale);
  });
}

test('the second difference of n points has the eigenvalues 2 - 2 cos(i pi / (n + 1))', () => {
  const size = 12;
  const matrix = buildMatrix(size, (row, column) => (row === column ? 2 : Math.abs(row - column) === 1 ? -1 : 0));
  const expected = Array.from({ length: size }, (_, i) => 2 - 2 * Math.cos(((i + 1) * Math.PI) / (size + 1)));
  assertNear(rising(decomposeSymmetric(matrix).values), expected, 1e-13);
  assertDecomposes(matrix);
});

test('random matrices of any size are decomposed, equal and vanishing eigenvalues among them', () => {
  for (let size = 1; size <= 11; size++) {
    const { normal } = stream(size, 'symmetric');
    const factor = buildMatrix(size, () => normal());
    assertDecomposes(buildMatrix(size, (i, k) => dot(factor[i] as Float64Array, factor[k] as Float64Array)));
    assertDecomposes(buildMatrix(size, (i, k) => 3 * (factor[0]?.[i] as number) * (factor[0]?.[k] as number)));
    assertDecomposes(buildMatrix(size, (i, k) => (i === k ? 7 : 0)));
  }
});

test('small eigenvalues are accurate next to large ones', () => {
  // [[1, 1 - e], [1 - e, 1]] has e and 2 - e.
  const small = 2 ** -30;
  const { values } = decomposeSymmetric([Float64Array.of(1, 1 - small), Float64Array.of(1 - small, 1)]);
  assertNear(rising(values), [small, 2 - small], 1e-15);
});
