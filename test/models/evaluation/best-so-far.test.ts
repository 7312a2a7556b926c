import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedBest, findImprovements } from '../../../models/evaluation/best-so-far.ts';

test('improvements are the scores above all before them', () => {
  const scores = [0.2, 0.1, 0.2, 0.5, 0.4, 0.5, 0.9].map((score, i) => ({ number: i + 1, score }));
  assert.deepEqual(
    findImprovements(scores).map(({ number }) => number),
    [1, 4, 7],
  );
  assert.deepEqual(findImprovements([]), []);
});

/** Every order of the values. */
function* permutations<T>(values: readonly T[]): Generator<T[]> {
  if (values.length === 0) yield [];
  for (const [i, value] of values.entries()) for (const rest of permutations(values.toSpliced(i, 1))) yield [value, ...rest];
}

test('the expected best is the mean over every order of the scores', () => {
  for (const scores of [[3], [1, 2], [0.2, 0.9, 0.4, 0.4, -1], [5, 5, 5]]) {
    const orders = [...permutations(scores)];
    const counts = scores.map((_, i) => i + 1);
    const means = counts.map(
      (count) => orders.reduce((sum, order) => sum + Math.max(...order.slice(0, count)), 0) / orders.length,
    );
    expectedBest(scores, counts).forEach((expected, i) => {
      assert.ok(Math.abs(expected - (means[i] as number)) < 1e-12, `${scores}: ${expected} ${means[i]}`);
    });
  }
});

test('the expected best of many scores rises from their mean to the highest', () => {
  const scores = Array.from({ length: 20_000 }, (_, i) => i / 19_999);
  const [first, middle, last] = expectedBest(scores, [1, 999, 20_000]);
  assert.ok(Math.abs((first as number) - 0.5) < 1e-9);
  // Of m even draws: m / (m + 1), a little more without replacement.
  assert.ok(Math.abs((middle as number) - 0.999) < 1e-4, String(middle));
  assert.equal(last, 1);
});
