import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import { type Dimensions, dimensionOf, valuesOf } from '../../../search/parameters.ts';
import { countCombinations, countDistinct, createCombinations, listLevels } from '../../../search/samplers/combinations.ts';
import { countDrawable, countEvenDraws, countPoints } from '../../../search/samplers/trials.ts';
import { spaceOf } from '../proposers/spaces.ts';

const CONDITIONAL = spaceOf({
  learningRate: { kind: 'choice', values: [0.01, 0.02] },
  optimiser: { kind: 'choice', values: ['adam', 'sgd', 'adamw'] },
  momentum: { kind: 'choice', values: [0, 0.5, 0.9] },
  schedule: { kind: 'choice', values: ['one-cycle', 'cosine'] },
  warmUp: { kind: 'choice', values: [0.1, 0.3] },
  hidden: { kind: 'choice', values: [[8], [16]] },
});

const combinationsOf = (space: Dimensions) => createCombinations((name) => listLevels(valuesOf(dimensionOf(space, name))));

test('points that would differ only in what does not exist there are one', () => {
  const { count, at } = combinationsOf(CONDITIONAL);
  assert.equal(count, 2 * (1 + 3 + 1) * (2 + 1) * 2);
  const points = Array.from({ length: count }, (_, number) => at(number));
  assert.equal(new Set(points.map(canonicalJson)).size, count);
  for (const { optimiser, momentum, schedule, warmUp } of points) {
    assert.equal(momentum !== undefined, optimiser === 'sgd');
    assert.equal(warmUp !== undefined, schedule === 'one-cycle');
  }
  assert.deepEqual([countDistinct(CONDITIONAL), countPoints(CONDITIONAL)], [count, count]);
});

test('the first parameter turns fastest, what depends on a value before the next value', () => {
  const { at } = combinationsOf(CONDITIONAL);
  const first = Array.from({ length: 10 }, (_, number) => at(number));
  assert.deepEqual(
    first.map(({ learningRate, optimiser, momentum }) => [learningRate, optimiser, momentum]),
    [
      [0.01, 'adam', undefined],
      [0.02, 'adam', undefined],
      ...[0, 0.5, 0.9].flatMap((momentum) => [0.01, 0.02].map((rate) => [rate, 'sgd', momentum])),
      [0.01, 'adamw', undefined],
      [0.02, 'adamw', undefined],
    ],
  );
});

test('a range under a condition makes a space infinite, but not every part of it', () => {
  const space = spaceOf({
    optimiser: { kind: 'choice', values: ['adam', 'sgd'] },
    momentum: { kind: 'uniform', low: 0, high: 0.9 },
  });
  assert.equal(countDistinct(space), Number.POSITIVE_INFINITY);
  assert.equal(countPoints(space), null);
  assert.ok(countDrawable(space) > 1e15);
  // Half of the draws are the one point of adam: two are equal as often as of four points.
  assert.ok(Math.abs(countEvenDraws(space) - 4) < 1e-9);
  assert.equal(
    countCombinations(space, () => 10),
    11,
  );
  const always = spaceOf({ ...space, optimiser: { kind: 'constant', value: 'sgd' } });
  assert.equal(countEvenDraws(always), countDrawable(always));
  const never = spaceOf({ ...space, optimiser: { kind: 'constant', value: 'adam' } });
  assert.equal(countDistinct(never), 1);
});
