import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedConfiguration } from '../../../operations/sweeps/configurations.ts';
import { describeSlices } from '../../../operations/sweeps/slices.ts';
import { specOf, trialAt } from '../../search/specs.ts';

const spec = specOf({
  methods: ['ednn'],
  seeds: 1,
  space: { k: 1, optimiser: { choice: ['adamw', 'sgd'] }, momentum: { uniform: [0, 0.8] } },
});
/** adamw, and sgd with a momentum of 0, 0.4 and 0.8. */
const compared = [0, 1, 2, 3].map(
  (index) =>
    ({
      index,
      method: 'ednn',
      k: 1,
      config: trialAt(spec, index).configuration,
      coveredVariance: index / 10,
    }) as ComparedConfiguration,
);
const slicesOf = (parameter: Parameters<typeof describeSlices>[2]) => {
  const { scale, categories, cells } = describeSlices({ id: 's', spec }, compared, parameter);
  return { scale, categories, points: cells.flatMap(({ points }) => points.map(({ value, score }) => [value, score])) };
};

test('a slice through a parameter has the configurations that have it', () => {
  assert.deepEqual(slicesOf('momentum'), {
    scale: 'linear',
    categories: null,
    points: [
      [0, 0.1],
      [0.4, 0.2],
      [0.8, 0.3],
    ],
  });
  assert.deepEqual(slicesOf('warmUp').points, []);
});

test('a slice through a choice of names has its values in their order', () => {
  assert.deepEqual(slicesOf('optimiser'), {
    scale: 'category',
    categories: ['adamw', 'sgd'],
    points: [
      ['adamw', 0],
      ['sgd', 0.1],
      ['sgd', 0.2],
      ['sgd', 0.3],
    ],
  });
  assert.deepEqual(
    slicesOf('start').points.map(([value]) => value),
    Array(4).fill('scratch'),
  );
});
