import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nnca } from '../../../models/methods/nnca.ts';
import { orthonormaliseEncoder } from '../../../models/methods/orthonormal-encoder.ts';
import { forward, jacobian } from '../../../models/networks/forward.ts';
import { initialParameters } from '../../../models/networks/initial.ts';
import type { Parameters } from '../../../models/networks/network.ts';
import { runOn } from '../../../models/training/network-calls.ts';
import type { PackData } from '../../../models/training/task.ts';
import { dot, rowOf } from '../../../models/vectors.ts';
import { matrixOf, noise, packDataOf, smoothData } from '../../support/data.ts';
import { ReferenceNetwork } from '../../support/reference-network.ts';

const TRAINING = {
  batch: 64,
  optimiser: { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
  seed: 1,
} as const;
const hooks = { stop: () => false, found: () => {} };

/** Returns a network D -> k -> E with the canonical basis, and V as rows. */
function canonical(data: PackData, k: number, parameters: Parameters, seed = 1) {
  const shape = nnca.layers(data.x.columns, data.y.columns, ARCHITECTURE(k));
  const network = new ReferenceNetwork(data, shape, TRAINING);
  const folded = runOn(network, orthonormaliseEncoder(shape, parameters, { data, seed, hooks }));
  const weights = (folded[0] as Parameters[number]).weights;
  const V = Array.from({ length: k }, (_, j) =>
    Array.from({ length: data.x.columns }, (_value, d) => weights[d * k + j] as number),
  );
  return { shape, folded, V };
}

const ARCHITECTURE = (k: number) => ({ k, hidden: [8], activation: 'tanh' as const, layerNorm: false, dropout: 0 });

/** Returns the squared error of the decoder g(t P) on training rows, t = x V', P [k, k]. */
function errorThrough(data: PackData, { shape, folded, V }: ReturnType<typeof canonical>, P: readonly (readonly number[])[]) {
  let error = 0;
  for (const row of data.rows.train) {
    const t = V.map((v) => dot(v, rowOf(data.x, row)));
    const projected = P.map((column) => dot(column, t));
    const output = forward(shape.slice(1), folded.slice(1), projected).at(-1) as Float64Array;
    error += output.reduce((sum, value, e) => sum + (value - (data.y.data[row * data.y.columns + e] as number)) ** 2, 0);
  }
  return error;
}

/** Returns u u' of the direction at an angle of the plane of two latents. */
function alongAngle(angle: number): number[][] {
  const u = [Math.cos(angle), Math.sin(angle)];
  return u.map((a) => u.map((b) => a * b));
}

test('at k = 2 no rotation of the latents covers more with its first direction: brute force', () => {
  const data = smoothData(300, 5);
  for (const seed of [1, 2, 3]) {
    const shape = nnca.layers(5, data.y.columns, ARCHITECTURE(2));
    const network = new ReferenceNetwork(data, shape, TRAINING);
    network.setParameters(initialParameters(shape, seed));
    for (let step = 0; step < 30; step++) network.train(data.rows.train, 0, Float64Array.of(0.02, 0.02, 0.02));
    const found = canonical(data, 2, network.parameters(), seed);
    const own = errorThrough(data, found, alongAngle(0));
    const steps = Array.from({ length: 720 }, (_, i) => errorThrough(data, found, alongAngle((i * Math.PI) / 720)));
    const best = Math.min(...steps);
    assert.ok(own <= best * (1 + 1e-4), `seed ${seed}: ${own} where ${best} is possible`);
    assert.ok(Math.max(...steps) > 1.05 * best, 'the direction matters');
  }
});

test("the first component covers most also where the mean of J'J puts it last", () => {
  // Two descriptors that nearly agree: their difference varies little, and y is steep along it.
  const drawn = noise(600, 2, 'collinear');
  const x = matrixOf(
    600,
    2,
    (row, d) => (drawn.data[row * 2] as number) + (d === 0 ? 0.1 : -0.1) * (drawn.data[row * 2 + 1] as number),
  );
  const y = matrixOf(600, 2, (row, e) => {
    const [a, b] = [x.data[row * 2] as number, x.data[row * 2 + 1] as number];
    return e === 0 ? a + b : 4 * (a - b);
  });
  const data = packDataOf(x, y);
  const shape = nnca.layers(2, 2, { ...ARCHITECTURE(2), hidden: [] });
  // The encoder mixes both; the decoder fits y exactly, as least squares has it.
  const encoder = Float32Array.of(0.8, 0.3, -0.2, 0.9);
  const parameters: Parameters = [
    { weights: encoder, bias: new Float32Array(2) },
    { weights: decoderOf(data, encoder), bias: new Float32Array(2) },
  ];
  const network = new ReferenceNetwork(data, shape, TRAINING);
  const folded = runOn(network, orthonormaliseEncoder(shape, parameters, { data, seed: 1, hooks }));
  const [{ weights }] = folded as [Parameters[number]];
  const first = [weights[0] as number, weights[2] as number];
  assert.ok(dot(first, [Math.SQRT1_2, Math.SQRT1_2]) > 0.999, `component 1 is ${first}`);
  // The order before: |d y / d t| is larger along the second.
  const { derivatives } = jacobian(shape.slice(1), folded.slice(1), [0, 0]);
  const [steepness, other] = derivatives.map((column) => dot(column, column)) as [number, number];
  assert.ok(other > 2 * steepness, `${other} ${steepness}`);
});

/** Returns the decoder [2, 2] with which x W decoder = y on standardised data. */
function decoderOf({ x, y, scaling }: PackData, encoder: Float32Array): Float32Array {
  assert.equal(x.columns, 2);
  assert.equal(y.columns, 2);
  const [s, u] = scaling.x.deviation as unknown as [number, number];
  const p = scaling.y.deviation[0] as number;
  // y = x B / p in standardised units, then decoder = W^-1 B.
  const B = [s / p, (4 * s) / p, u / p, (-4 * u) / p];
  const [a, b, c, d] = encoder as unknown as [number, number, number, number];
  const inverse = [d, -b, -c, a].map((value) => value / (a * d - b * c)) as [number, number, number, number];
  const [e, f, g, h] = inverse;
  const [i, j, k, l] = B as [number, number, number, number];
  return Float32Array.of(e * i + f * k, e * j + f * l, g * i + h * k, g * j + h * l);
}

test('the basis of a network of three latents is orthonormal, nested and the same from any rotation', () => {
  const data = smoothData(300, 5);
  const shape = nnca.layers(5, data.y.columns, ARCHITECTURE(3));
  const network = new ReferenceNetwork(data, shape, TRAINING);
  network.setParameters(initialParameters(shape, 4));
  for (let step = 0; step < 60; step++) network.train(data.rows.train, 0, Float64Array.of(0.02, 0.02, 0.02));
  const found = canonical(data, 3, network.parameters());
  found.V.forEach((v, a) => {
    found.V.forEach((w, b) => {
      assert.ok(Math.abs(dot(v, w) - (a === b ? 1 : 0)) < 1e-6);
    });
    assert.equal(Math.max(...v), Math.max(...v.map(Math.abs)), 'the largest coefficient is positive');
  });
  const upTo = (count: number) => [0, 1, 2].map((a) => [0, 1, 2].map((b) => (a === b && a < count ? 1 : 0)));
  const [one, two, three] = [1, 2, 3].map((count) => errorThrough(data, found, upTo(count))) as [number, number, number];
  assert.ok(one > two && two > three);
  // Another seed draws other starts, and finds the same basis of the same network.
  const again = canonical(data, 3, found.folded, 9);
  found.V.forEach((v, j) => {
    assert.ok(dot(v, again.V[j] as number[]) > 0.9999, `component ${j + 1}: ${dot(v, again.V[j] as number[])}`);
  });
});
