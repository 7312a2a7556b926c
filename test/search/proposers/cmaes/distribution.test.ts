import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rotation } from '../../../../bench/search/functions.ts';
import { stream } from '../../../../models/random.ts';
import { buildMatrix, type SquareMatrix } from '../../../../models/symmetric-eigen.ts';
import { dot } from '../../../../models/vectors.ts';
import {
  adapt,
  createDistribution,
  deviationsOf,
  placeAt,
  recombine,
  type ScoredPosition,
  type SearchDistribution,
  weighByRank,
} from '../../../../search/proposers/cmaes/distribution.ts';
import { populationOf, strategyOf } from '../../../../search/proposers/cmaes/strategy.ts';

function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
  }
}

test('three generations are adapted to as by the package cmaes', () => {
  // Version 0.13.1 of the package of Python, on points of its own, rounded, with these rates.
  const { strategy, mean, stepSize, generations } = JSON.parse(
    readFileSync(new URL('./adaptation.json', import.meta.url), 'utf8'),
  );
  let distribution = createDistribution(Float64Array.from(mean), stepSize);
  for (const { points, after } of generations) {
    const scored = points.map(({ position, score }: { position: number[]; score: number }) => ({
      position: Float64Array.from(position),
      score,
    }));
    distribution = adapt(distribution, scored, { ...strategy, weights: Float64Array.from(strategy.weights) });
    assertNear(distribution.mean, after.mean);
    assertNear([distribution.stepSize], [after.stepSize]);
    assertNear(distribution.stepPath, after.stepPath);
    assertNear(distribution.covariancePath, after.covariancePath);
    distribution.covariance.forEach((row, i) => {
      assertNear(row, after.covariance[i]);
    });
  }
});

/** Draws a generation and adapts to it. */
function step(from: SearchDistribution, score: (position: Float64Array) => number, generation: number, turn?: SquareMatrix) {
  const n = from.mean.length;
  const { normal } = stream(1, 'steps', generation);
  const points = Array.from({ length: populationOf(n) }, (): ScoredPosition => {
    const drawn = Float64Array.from(from.mean, normal);
    const position = placeAt(from, turn ? Float64Array.from(turn, (row) => dot(row, drawn)) : drawn);
    return { position, score: score(position) };
  });
  return adapt(from, points, strategyOf(n, points.length));
}

/** A rotation. */
const rotationOf = (n: number): SquareMatrix => rotation(n, stream(3, 'rotation').normal).map((row) => Float64Array.from(row));

/** A sphere, and ellipsoids whose axes differ by a factor of 100. */
const sphere = (x: Float64Array) => -dot(x, x);
const ellipsoid = (x: Float64Array) => -x.reduce((sum, value, i) => sum + 1e4 ** (i / (x.length - 1)) * value ** 2, 0);

test('steps lead to the optimum of a sphere, of an ellipsoid and of a rotated one', () => {
  const turn = rotationOf(5);
  const rotated = (x: Float64Array) => ellipsoid(Float64Array.from(turn, (row) => dot(row, x)));
  for (const [score, generations] of [
    [sphere, 120],
    [ellipsoid, 350],
    [rotated, 350],
  ] as const) {
    let distribution = createDistribution(new Float64Array(5).fill(1), 0.5);
    for (let generation = 0; generation < generations; generation++) distribution = step(distribution, score, generation);
    assert.ok(-score(distribution.mean) < 1e-8, `${score(distribution.mean)}`);
  }
});

test('the covariance becomes the inverse Hessian', () => {
  let distribution = createDistribution(new Float64Array(4).fill(1), 0.5);
  for (let generation = 0; generation < 300; generation++) distribution = step(distribution, ellipsoid, generation);
  const deviations = deviationsOf(distribution);
  for (let i = 1; i < 4; i++) {
    const ratio = (deviations[0] as number) / (deviations[i] as number) / 1e4 ** (i / 6);
    assert.ok(ratio > 1 / 3 && ratio < 3, `axis ${i}: ${ratio}`);
  }
});

test('a rotation of space rotates every step', () => {
  const n = 4;
  const turn = rotationOf(n);
  const turned = (x: Float64Array) => Float64Array.from(turn, (row) => dot(row, x));
  const back = buildMatrix(n, (row, column) => turn[column]?.[row] as number);
  let plain = createDistribution(new Float64Array(n).fill(1), 0.5);
  let other = createDistribution(turned(plain.mean), 0.5);
  for (let generation = 0; generation < 30; generation++) {
    plain = step(plain, ellipsoid, generation);
    other = step(other, (x) => ellipsoid(Float64Array.from(back, (row) => dot(row, x))), generation, turn);
    assertNear(other.mean, turned(plain.mean), 1e-7);
    assertNear([other.stepSize], [plain.stepSize], 1e-7);
  }
});

test('a transform that keeps the order of scores changes nothing', () => {
  let [plain, other] = [
    createDistribution(new Float64Array(3).fill(1), 0.5),
    createDistribution(new Float64Array(3).fill(1), 0.5),
  ];
  for (let generation = 0; generation < 30; generation++) {
    plain = step(plain, ellipsoid, generation);
    other = step(other, (x) => Math.atan(ellipsoid(x)) ** 3, generation);
  }
  assert.deepEqual(other, plain);
});

test('equal scores share their weights, whatever their order', () => {
  const at = (...scores: number[]) => scores.map((score) => ({ position: new Float64Array(1), score }));
  const weights = Float64Array.of(4, 2, 0, -3);
  assert.deepEqual([...weighByRank(at(1, 9, 5, 7), weights)], [-3, 4, 0, 2]);
  assert.deepEqual([...weighByRank(at(5, 9, 5, 5), weights)], [-1 / 3, 4, -1 / 3, -1 / 3]);
  const none = Number.NEGATIVE_INFINITY;
  assert.deepEqual([...weighByRank(at(none, 2, none, 3), weights)], [-1.5, 2, -1.5, 4]);
});

test('a search begins between the better points, nearer to the best', () => {
  const at = (position: number, score: number) => ({ position: Float64Array.of(position), score });
  // Raw weights of two of four: ln 2.5 and ln 1.25.
  const expected = (0.8 * Math.log(2.5) + 0.4 * Math.log(1.25)) / (Math.log(2.5) + Math.log(1.25));
  assertNear(recombine([at(0.1, 0), at(0.8, 3), at(0.4, 2), at(0.9, 1)]), [expected]);
  assertNear(recombine([at(0.3, Number.NEGATIVE_INFINITY)]), [0.3]);
  assertNear(recombine([at(0.3, 1), at(0.5, 1), at(0.7, 1)]), [0.5]);
});

test('a point far away moves the distribution no further than a likely one', () => {
  const from = createDistribution(new Float64Array(2), 0.01);
  const points = Array.from({ length: 6 }, (_, i) => ({ position: Float64Array.of(i === 0 ? 1 : 0.01 * i, 0), score: -i }));
  const { mean, stepSize } = adapt(from, points, strategyOf(2, 6));
  assert.ok((mean[0] as number) < 0.03 && stepSize < 0.03, `${mean[0]}, ${stepSize}`);
});
