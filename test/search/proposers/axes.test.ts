import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axesOf, type ChoiceAxis, decodePoint, encodePoint, type WholeAxis } from '../../../search/proposers/axes.ts';
import { completePoint } from '../../../search/samplers/points.ts';
import { sobol } from '../../../search/samplers/sobol.ts';
import { MIXED, spaceOf } from './spaces.ts';

test('points survive their coordinates, ranges up to rounding', () => {
  const axes = axesOf(MIXED);
  assert.deepEqual(
    axes.map(({ name, kind }) => [name, kind]),
    [
      ['learningRate', 'real'],
      ['weightDecay', 'choice'],
      ['dropout', 'real'],
      ['activation', 'choice'],
      ['batch', 'whole'],
      ['hidden', 'choice'],
    ],
  );
  const at = sobol.createPoints({ trials: 100, seed: 1 }, { space: MIXED, cells: 1, widths: [1], seeds: 1 });
  for (let n = 0; n < 100; n++) {
    const point = at(n);
    const again = decodePoint(MIXED, axes, encodePoint(axes, point));
    assert.ok(Math.abs(again.learningRate / point.learningRate - 1) < 1e-12);
    assert.ok(Math.abs(again.dropout - point.dropout) < 1e-12);
    assert.deepEqual({ ...again, learningRate: 0, dropout: 0 }, { ...point, learningRate: 0, dropout: 0 });
  }
});

test('a point has a coordinate where the parameter exists', () => {
  const space = spaceOf({
    optimiser: { kind: 'choice', values: ['adam', 'sgd', 'adamw'] },
    momentum: { kind: 'uniform', low: 0, high: 0.8 },
  });
  const axes = axesOf(space);
  assert.deepEqual(
    axes.map(({ name }) => name),
    ['optimiser', 'momentum'],
  );
  const base = completePoint(space, { optimiser: 'adam' });
  const sgd = { ...base, optimiser: 'sgd', momentum: 0.4 } as const;
  assert.deepEqual(encodePoint(axes, base), Float64Array.of(0, Number.NaN));
  assert.deepEqual(encodePoint(axes, sgd), Float64Array.of(1, 0.5));
  assert.deepEqual(decodePoint(space, axes, Float64Array.of(1, 0.5)), sgd);
  for (const rest of [0.5, Number.NaN]) assert.deepEqual(decodePoint(space, axes, Float64Array.of(0, rest)), base);
  assert.throws(() => encodePoint(axes, { ...base, optimiser: 'sgd' }), /no momentum/);
  const [always] = axesOf(spaceOf({ ...space, optimiser: { kind: 'constant', value: 'sgd' } }));
  assert.equal(always?.presence, null);
  assert.deepEqual(axesOf(spaceOf({ ...space, optimiser: { kind: 'constant', value: 'adam' } })), []);
});

test('the ends of ranges are the coordinates 0 and 1', () => {
  const axes = axesOf(
    spaceOf({ learningRate: { kind: 'log', low: 0.001, high: 0.1 }, dropout: { kind: 'uniform', low: 0.1, high: 0.3 } }),
  );
  assert.deepEqual(
    axes.map(({ encode }, i) => [encode([0.001, 0.1][i]), encode([0.1, 0.3][i])]),
    [
      [0, 1],
      [0, 1],
    ],
  );
  assert.ok(Math.abs((axes[0]?.encode(0.01) as number) - 0.5) < 1e-12, 'the middle of a logarithmic range');
});

test('whole numbers divide [0, 1] as they are drawn', () => {
  for (const kind of ['uniform', 'log'] as const) {
    const [axis] = axesOf(spaceOf({ batch: { kind, low: 4, high: 20, whole: true } })) as [WholeAxis];
    assert.equal(axis.edge(4), 0);
    assert.equal(axis.edge(21), 1);
    for (let number = 4; number <= 20; number++) {
      assert.equal(axis.numberAt(axis.edge(number) + 1e-9), number);
      assert.equal(axis.numberAt(axis.edge(number + 1) - 1e-9), number);
    }
  }
});

test('numbers are placed by rank, layers by depth, width and taper, names not at all', () => {
  const featuresOf = (changes: Parameters<typeof spaceOf>[0]) =>
    (axesOf(spaceOf(changes))[0] as ChoiceAxis).features.map((feature) =>
      Array.from(feature, (one) => Math.round(100 * one) / 100),
    );
  assert.deepEqual(featuresOf({ learningRate: { kind: 'choice', values: [0.1, 0.001, 0.01] } }), [[1, 0, 0.5]]);
  assert.deepEqual(featuresOf({ activation: { kind: 'choice', values: ['gelu', 'elu'] } }), []);
  assert.deepEqual(featuresOf({ layerNorm: { kind: 'choice', values: [false, true] } }), []);
  const layers = [[16], [64], [16, 16], [64, 16]];
  assert.deepEqual(featuresOf({ hidden: { kind: 'choice', values: layers } }), [
    [0, 0, 1, 1],
    [0, 1, 0, 0.5],
    [1, 1, 1, 0],
  ]);
});
