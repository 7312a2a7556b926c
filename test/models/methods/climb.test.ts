import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { climb, type Objective } from '../../../models/methods/climb.ts';
import { runOn } from '../../../models/training/network-calls.ts';
import { Stopped } from '../../../models/training/train-network.ts';
import { dot } from '../../../models/vectors.ts';
import { noise } from '../../support/data.ts';
import type { ReferenceNetwork } from '../../support/reference-network.ts';

const N = 12;
const LIMITS = { evaluations: 60, tolerance: 1e-12, stop: () => false };

/** Returns the loss 1 + v'A v of a random symmetric A [N, N], and its eigenvectors, rising. */
function quadratic(): { objective: Objective; calls: number[]; eigenvectors: Dense } {
  const drawn = Dense.from1DArray(N, N, [...noise(N, N, 'quadratic').data]);
  const A = drawn.mmul(drawn.transpose()).div(N);
  const calls: number[] = [];
  function* objective(v: Float64Array) {
    const product = A.mmul(Dense.columnVector(v)).to1DArray();
    calls.push(1 + dot(v, product));
    return { loss: 1 + dot(v, product), gradient: Float64Array.from(product, (value) => 2 * value) };
  }
  return { objective, calls, eigenvectors: new EigenvalueDecomposition(A, { assumeSymmetric: true }).eigenvectorMatrix };
}

/** The objectives here make no calls. */
const run = <T>(steps: Parameters<typeof runOn<T>>[1]): T => runOn(null as unknown as ReferenceNetwork, steps);

test('a climb over unit vectors ends at the eigenvector of the smallest eigenvalue, then at the next', () => {
  const { objective, eigenvectors } = quadratic();
  const start = Float64Array.from(noise(1, N, 'start').data);
  const first = run(climb(objective, new Float32Array(0), start, LIMITS)).v;
  assert.ok(Math.abs(dot(first, eigenvectors.getColumn(0))) > 1 - 1e-8);
  const second = run(climb(objective, Float32Array.from(first), start, LIMITS)).v;
  assert.ok(Math.abs(dot(second, eigenvectors.getColumn(1))) > 1 - 1e-6);
  assert.ok(Math.abs(dot(second, first)) < 1e-7);
  assert.ok(Math.abs(dot(second, second) - 1) < 1e-12);
});

test('a climb makes no more evaluations than it may, raises no loss, and stays at an optimum', () => {
  const { objective, calls, eigenvectors } = quadratic();
  const start = Float64Array.from(noise(1, N, 'start').data);
  const { loss } = run(climb(objective, new Float32Array(0), start, { ...LIMITS, evaluations: 5 }));
  assert.equal(calls.length, 5);
  assert.equal(loss, Math.min(...calls));
  const optimum = Float64Array.from(eigenvectors.getColumn(0));
  const { v } = run(climb(objective, new Float32Array(0), optimum, LIMITS));
  assert.ok(dot(v, optimum) > 1 - 1e-12);
});

test('a climb throws Stopped where it is to stop', () => {
  const { objective } = quadratic();
  const start = Float64Array.from(noise(1, N, 'start').data);
  assert.throws(() => run(climb(objective, new Float32Array(0), start, { ...LIMITS, stop: () => true })), Stopped);
});
