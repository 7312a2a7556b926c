import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axesOf } from '../../../../search/proposers/axes.ts';
import { createEmbedding } from '../../../../search/proposers/gp/embedding.ts';
import { CONDITIONAL, MIXED, spaceOf } from '../spaces.ts';
import { near } from './oracle.ts';

const squareBetween = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, one, c) => sum + (one - (b[c] as number)) ** 2, 0);

test('axes have columns, and features of layers a length scale each', () => {
  const embedding = createEmbedding(axesOf(MIXED));
  // Rate, decay by rank, dropout, three names, batch, and depth, width and taper of layers.
  assert.deepEqual([...embedding.groupOf], [0, 1, 2, 3, 3, 3, 4, 5, 6, 7]);
  assert.deepEqual([...embedding.first], [0, 1, 2, 3, 6, 7]);
  assert.deepEqual([embedding.columns, embedding.groups], [10, 8]);
});

test('a point without a coordinate is in the middle of its columns', () => {
  const axes = axesOf(CONDITIONAL);
  const { columns, embed } = createEmbedding(axes);
  // Rates, three names, momentum, schedules, warm-ups.
  assert.equal(columns, 1 + 3 + 1 + 1 + 1);
  assert.deepEqual(
    embed(Float64Array.of(0.25, 0, Number.NaN, 0, Number.NaN)),
    Float64Array.of(0.25, Math.SQRT1_2, 0, 0, 0.5, 0, 0.5),
  );
  assert.deepEqual(embed(Float64Array.of(0.25, 1, 0.75, 1, 2)), Float64Array.of(0.25, 0, Math.SQRT1_2, 0, 0.75, 1, 1));
});

test('any two names have distance 1', () => {
  for (const values of [
    ['gelu', 'tanh'],
    ['gelu', 'tanh', 'elu', 'relu'],
  ] as const) {
    const { embed } = createEmbedding(axesOf(spaceOf({ activation: { kind: 'choice', values } })));
    const rows = values.map((_, i) => embed(Float64Array.of(i)));
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) near(squareBetween(a, b), i === j ? 0 : 1, 1e-15);
    }
  }
});

test('whole numbers have the middle of their part, numbers their rank', () => {
  const { embed } = createEmbedding(
    axesOf(
      spaceOf({
        learningRate: { kind: 'choice', values: [0.1, 0.001, 0.01] },
        batch: { kind: 'uniform', low: 16, high: 19, whole: true },
      }),
    ),
  );
  assert.deepEqual([...embed(Float64Array.of(2, 17))], [0.5, 0.375]);
});
