import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../../models/random.ts';
import {
  dot,
  factorise,
  invert,
  logDeterminant,
  solveLower,
  solveUpper,
  type Triangle,
} from '../../../../search/proposers/gp/cholesky.ts';
import { covarianceOf, near } from './oracle.ts';

/** Covariances of Brownian motion at the times 1 to n: the factor has ones. */
const brownian = (size: number): Triangle => ({
  size,
  values: Float64Array.from({ length: size * size }, (_, k) => 1 + Math.min(Math.floor(k / size), k % size)),
});

test('the factor of a known matrix, its inverse and its determinant', () => {
  const factor = brownian(7);
  factorise(factor);
  for (let i = 0; i < 7; i++) for (let j = 0; j <= i; j++) assert.equal(factor.values[i * 7 + j], 1);
  assert.equal(logDeterminant(factor), 0);
  const inverse = invert(factor);
  for (let i = 0; i < 7; i++) {
    // Second differences.
    assert.equal(inverse.values[i * 7 + i], i === 6 ? 1 : 2);
    for (let j = 0; j < i; j++) assert.equal(inverse.values[i * 7 + j], i - j === 1 ? -1 : 0);
  }
});

/** Returns a random covariance matrix, of correlated columns. */
function randomCovariance(size: number): Float64Array {
  const { normal } = stream(3, 'covariance');
  const rows = Array.from({ length: size }, () => Float64Array.from({ length: size }, () => normal()));
  return covarianceOf(rows, (a, b) => dot(a, 0, b, 0, size) / size + (a === b ? 0.1 : 0));
}

test('a factor times its transpose is the matrix, and solves with it', () => {
  const size = 37;
  const matrix = randomCovariance(size);
  const factor = { size, values: matrix.slice() };
  factorise(factor);
  const entry = (i: number, j: number) => (j > i ? 0 : (factor.values[i * size + j] as number));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += entry(i, k) * entry(j, k);
      near(sum, matrix[i * size + j] as number, 1e-12);
    }
  }
  const { normal } = stream(4, 'solution');
  const x = Float64Array.from({ length: size }, () => normal());
  const b = x.map((_, i) => dot(matrix, i * size, x, 0, size));
  solveLower(factor, b);
  solveUpper(factor, b);
  for (const [i, one] of b.entries()) near(one, x[i] as number, 1e-9);
  const inverse = invert(factor).values;
  const full = (i: number, j: number) => inverse[Math.max(i, j) * size + Math.min(i, j)] as number;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (matrix[i * size + k] as number) * full(k, j);
      near(sum, i === j ? 1 : 0, 1e-9);
    }
  }
});

test('the factor of a leading block has the bits of the whole', () => {
  const [size, part] = [30, 17];
  const matrix = randomCovariance(size);
  const whole = { size, values: matrix.slice() };
  const block = {
    size: part,
    values: Float64Array.from({ length: part * part }, (_, k) => matrix[Math.floor(k / part) * size + (k % part)] as number),
  };
  factorise(whole);
  factorise(block);
  for (let i = 0; i < part; i++) {
    for (let j = 0; j <= i; j++) assert.equal(block.values[i * part + j], whole.values[i * size + j]);
  }
  const vector = Float64Array.from({ length: size }, (_, i) => i);
  const lead = vector.slice(0, part);
  solveLower(whole, vector, part);
  solveLower(block, lead);
  assert.deepEqual(vector.slice(0, part), lead);
  assert.equal(vector[part], part, 'the rest is left');
});

test('equal rows are factorised, too', () => {
  const factor = { size: 3, values: new Float64Array(9).fill(1) };
  factorise(factor);
  assert.ok(factor.values.every(Number.isFinite));
});

test('products are summed over the given positions', () => {
  const a = Float64Array.from({ length: 12 }, (_, i) => i);
  for (let count = 0; count < 9; count++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (2 + i) * (3 + i);
    assert.equal(dot(a, 2, a, 3, count), sum);
  }
});
