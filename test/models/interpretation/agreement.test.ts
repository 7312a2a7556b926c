import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import {
  angleBetween,
  crossFittedR2,
  linearCka,
  prepareCrossFit,
  principalAngles,
} from '../../../models/interpretation/agreement.ts';
import { matrixOf, noise } from '../../support/data.ts';

const near = (actual: number, wanted: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${what} ${actual} instead of ${wanted}`);

test('principal angles: known ones, from tiny to right angles', () => {
  const V = [1, 0, 0, 0, 0, 1, 0, 0];
  for (const degrees of [1e-5, 0.3, 30, 60, 89.999, 90]) {
    const angle = (degrees * Math.PI) / 180;
    const W = [Math.cos(angle), 0, Math.sin(angle), 0, 0, 1, 0, 0];
    const [smaller, larger] = principalAngles(V, W, 4) as [number, number];
    near(smaller, 0, 1e-9);
    near(larger, degrees, 1e-7, `${degrees}:`);
  }
});

test('principal angles do not depend on the basis, and a line in a plane has none', () => {
  const [c, s] = [Math.cos(1.1), Math.sin(1.1)];
  const V = [1, 0, 0, 0, 1, 0];
  const turned = [c, s, 0, -s, c, 0];
  for (const angle of principalAngles(V, turned, 3)) near(angle, 0, 1e-6);
  assert.deepEqual(principalAngles([c, s, 0], V, 3).length, 1);
  near(principalAngles(V, [c, s, 0], 3)[0] as number, 0, 1e-6);
  near(angleBetween([2, 0, 0], [-3, 0, 0]), 0, 1e-9, 'a line has no direction:');
  near(angleBetween([1, 0, 0], [1, 1, 0]), 45, 1e-6);
});

test('linear CKA: 1 for rotated and scaled latents, small for strangers', () => {
  const A = noise(500, 2, 'a');
  const rotated = matrixOf(500, 2, (row, j) => {
    const [x, y] = [A.data[2 * row] as number, A.data[2 * row + 1] as number];
    return j === 0 ? 3 * (0.6 * x - 0.8 * y) + 5 : 3 * (0.8 * x + 0.6 * y);
  });
  near(linearCka(A, rotated), 1, 1e-6);
  assert.ok(linearCka(A, noise(500, 2, 'b')) < 0.05);
});

test('cross-fitted R2 of fewer rows than there are neighbours: the mean of all rows of the other folds', () => {
  const rows = 4;
  const latents = matrixOf(rows, 1, (row) => row);
  // With fewer rows than folds, each row is a fold of its own.
  const scores = [-1.5, -0.5, 0.5, 1.5].map((rank) => rank / Math.sqrt((rows * rows - 1) / 12));
  const error = scores.reduce((sum, own) => sum + (own - -own / (rows - 1)) ** 2, 0);
  near(crossFittedR2(prepareCrossFit(latents), prepareCrossFit(latents)), 1 - error / rows, 1e-12);
});

test('cross-fitted R2: detects that one latent determines another, linearly or not, and only in that direction', () => {
  const A = noise(800, 1, 'a');
  const bent = matrixOf(800, 1, (row) => Math.exp(A.data[row] as number));
  const folded = matrixOf(800, 1, (row) => (A.data[row] as number) ** 2);
  const r2 = (from: Matrix, to: Matrix) => crossFittedR2(prepareCrossFit(from), prepareCrossFit(to));
  assert.ok(r2(A, bent) > 0.95);
  assert.ok(r2(A, folded) > 0.95);
  assert.ok(r2(folded, A) < 0.2, 'a square does not determine the sign');
  assert.ok(Math.abs(r2(A, noise(800, 1, 'b'))) < 0.2);
  assert.throws(() => r2(A, noise(900, 1, 'b')), /800 rows of latents do not match 900/);
});
