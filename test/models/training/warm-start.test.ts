/**
 * A warm start equals the earlier model as a function of structures in physical units, under any
 * two standardisations.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import { METHOD_DEFINITIONS, METHODS } from '../../../models/methods/catalogue.ts';
import { ACTIVATIONS } from '../../../models/networks/activations.ts';
import { forward } from '../../../models/networks/forward.ts';
import type { NetworkShape } from '../../../models/networks/network.ts';
import type { Scaling } from '../../../models/scaling.ts';
import { fitScaling, standardize, unstandardize } from '../../../models/standardisation.ts';
import { mapRows } from '../../../models/stored/model.ts';
import type { StoredModel } from '../../../models/stored/model-file.ts';
import { startFromModel } from '../../../models/training/warm-start.ts';
import { matrixOf, noise } from '../../support/data.ts';
import { createRandomModel, createUnevenData } from '../../support/models.ts';

const every = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

/**
 * Other structures of the same kinds: other means and deviations; column 2 was constant and varies,
 * column 4 no longer varies.
 */
const X = (() => {
  const drawn = noise(120, 4, 'other x');
  const at = (row: number, column: number) => drawn.data[row * 4 + column] as number;
  return matrixOf(120, 5, (row, column) => {
    return [11093.04 + 0.09 * at(row, 0), 1.01e-3 + 4e-6 * at(row, 1), 2.5 + at(row, 2), 25 * at(row, 3) - 10, 0.3][
      column
    ] as number;
  });
})();
const Y = matrixOf(
  120,
  6,
  (row, column) => 2 + column * Math.cos(X.data[row * 5 + 3] as number) + (column === 2 ? 0 : 0.1 * row),
);

/**
 * Returns the network's spectra of structures, in physical units; for ECA those of the emulator.
 */
function spectra({ shape, parameters, scaling }: Pick<StoredModel, 'shape' | 'parameters' | 'scaling'>, x: Matrix): Matrix {
  const output = (row: Float32Array) => forward(shape, parameters, row).at(-1) as Float64Array;
  return unstandardize(mapRows(standardize(x, scaling.x), scaling.y.kept.length, output), scaling.y);
}

type Drawn = Parameters<typeof createRandomModel>[0];

function shapeOn(scaling: Scaling, { method, k, activation, layerNorm }: Drawn, hidden = [12, 8]): NetworkShape {
  const architecture = { k, activation, layerNorm, hidden, dropout: 0 };
  return METHOD_DEFINITIONS[method].layers(scaling.x.kept.length, scaling.y.kept.length, architecture);
}

const drawn = { method: 'ednn', k: 2, activation: 'gelu', layerNorm: false } as const;

for (const y of ['centre', 'zscore'] as const) {
  describe(`scale y ${y}`, () => {
    const before = createUnevenData(80);
    const earlier = fitScaling(before.x, before.y, every(80), { x: 'zscore', y });
    const scaling = fitScaling(X, Y, every(120), { x: 'zscore', y });
    for (const method of METHODS) {
      for (const activation of ACTIVATIONS) {
        for (const layerNorm of [false, true]) {
          test(`${method} ${activation}${layerNorm ? ' normalised' : ''}: the same spectra`, () => {
            const model = createRandomModel({ ...drawn, method, activation, layerNorm }, earlier);
            const shape = shapeOn(scaling, { ...drawn, method, activation, layerNorm });
            const { parameters } = startFromModel(model, { method, shape, scaling });
            const now = spectra({ shape, parameters, scaling }, X);
            const then = spectra(model, X);
            const scale = Math.max(...then.data.map(Math.abs));
            now.data.forEach((value, i) => {
              assert.ok(Math.abs(value - (then.data[i] as number)) < 2e-6 * scale, `${i}: ${value} ${then.data[i]}`);
            });
          });
        }
      }
    }
  });
}

const { scaling: earlier } = createUnevenData(80);
const scaling = fitScaling(X, Y, every(120), { x: 'zscore', y: 'centre' });
const unchanged = { x: earlier.x, y: earlier.y, scaleY: earlier.scaleY };

test('an equal standardisation changes no bit, and the model is not modified', () => {
  for (const method of METHODS) {
    const model = createRandomModel({ ...drawn, method }, earlier);
    const { parameters, components } = startFromModel(model, {
      method,
      shape: shapeOn(earlier, { ...drawn, method }),
      scaling: unchanged,
    });
    assert.deepEqual(parameters, model.parameters);
    assert.ok(components.every((value, i) => Math.abs(value - (model.components[i] as number)) < 1e-6));
    assert.equal(components.length, model.components.length);
    startFromModel(model, { method, shape: shapeOn(scaling, { ...drawn, method }), scaling });
    assert.deepEqual(model, createRandomModel({ ...drawn, method }, earlier));
  }
});

test('a descriptor that varies for the first time has zero weights', () => {
  const { parameters } = startFromModel(createRandomModel(drawn, earlier), {
    method: 'ednn',
    shape: shapeOn(scaling, drawn),
    scaling,
  });
  assert.deepEqual([...scaling.x.kept], [0, 1, 2, 3]);
  const weights = parameters[0]?.weights as Float32Array;
  assert.ok(weights.subarray(2 * 12, 3 * 12).every((weight) => weight === 0));
  assert.ok(weights.subarray(0, 2 * 12).every((weight) => weight !== 0));
});

test('the first component of ECA keeps its direction, the others are orthogonal to it', () => {
  const eca = { ...drawn, method: 'eca', k: 3 } as const;
  const model = createRandomModel(eca, earlier);
  const { components } = startFromModel(model, { method: 'eca', shape: shapeOn(scaling, eca), scaling });
  const D = 4;
  assert.equal(components.length, 3 * D);
  const row = (j: number) => [...components.subarray(j * D, (j + 1) * D)];
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const product = row(i).reduce((sum, value, d) => sum + value * (row(j)[d] as number), 0);
      assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-6, `${i} ${j} ${product}`);
    }
  }
  // Scores of both on structures with the present column 4: one is a multiple of the other, but for
  // a constant.
  const scores = (axis: Scaling['x'], v: ArrayLike<number>) =>
    Array.from({ length: 120 }, (_, i) => {
      const z = standardize(X, axis).data;
      return [...axis.kept].reduce((sum, _, d) => sum + (z[i * axis.kept.length + d] as number) * (v[d] as number), 0);
    });
  assert.ok(correlation(scores(earlier.x, model.components), scores(scaling.x, components)) > 1 - 1e-6);
});

test('components of ECA along descriptors that no longer vary are dropped', () => {
  const eca = { ...drawn, method: 'eca', k: 4 } as const;
  const still = matrixOf(120, 5, (row, column) => (column === 2 ? 2.5 : (X.data[row * 5 + column] as number)));
  const fewer = fitScaling(still, Y, every(120), { x: 'zscore', y: 'centre' });
  const { components } = startFromModel(createRandomModel(eca, earlier), {
    method: 'eca',
    shape: shapeOn(fewer, { ...eca, k: 3 }),
    scaling: fewer,
  });
  assert.equal(components.length, 3 * 3);
  assert.ok(components.every(Number.isFinite));
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centred(a), centred(b)];
  return x.reduce((sum, value, i) => sum + value * (y[i] as number), 0) / (Math.hypot(...x) * Math.hypot(...y));
}

const wide = (() => {
  const x = noise(30, 6, 'wide x');
  return fitScaling(
    x,
    matrixOf(30, 6, (row, e) => row * e),
    every(30),
    { x: 'zscore', y: 'centre' },
  );
})();
const short = (() => {
  const y = matrixOf(120, 2, (row, e) => row * (e + 1));
  return fitScaling(X, y, every(120), { x: 'zscore', y: 'centre' });
})();
const others: readonly [string, Drawn, Scaling, readonly number[], RegExp][] = [
  ['another method', { ...drawn, method: 'nnca' }, scaling, [12, 8], /its method is ednn, the trial's nnca/],
  ['another width', { ...drawn, k: 3 }, scaling, [12, 8], /layers are gelu 12, gelu 8, linear 2, .*the trial's .*linear 3/],
  ['other hidden layers', drawn, scaling, [12, 9], /gelu 9/],
  ['fewer hidden layers', drawn, scaling, [12], /layers/],
  ['another activation', { ...drawn, activation: 'tanh' }, scaling, [12, 8], /tanh 12/],
  ['normalisation', { ...drawn, layerNorm: true }, scaling, [12, 8], /gelu 12 normalised/],
  ['other descriptors', drawn, wide, [12, 8], /takes 5 descriptors, the dataset has 6/],
  ['other targets', drawn, short, [12, 8], /has 6 targets, the dataset has 2/],
];
for (const [what, target, onto, hidden, says] of others) {
  test(`unfit: ${what}`, () => {
    const shape = shapeOn(onto, target, [...hidden]);
    assert.throws(() => startFromModel(createRandomModel(drawn, earlier), { method: target.method, shape, scaling: onto }), {
      code: 'model-unfit',
      message: says,
    });
  });
}

test('dropout does not matter for a warm start', () => {
  const shape = shapeOn(scaling, drawn).map((layer) => ({ ...layer, dropout: 0.4 }));
  startFromModel(createRandomModel(drawn, earlier), { method: 'ednn', shape, scaling });
});
