import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Point } from '../../../search/parameters.ts';
import { splitByScore } from '../../../search/proposers/split.ts';

const pointOf = (batch: number) => ({ batch }) as Point;
const split = (scores: readonly (number | null)[]) => {
  const found = splitByScore(scores.map((score, i) => ({ point: pointOf(i), score })));
  return found && { good: found.good.map(({ batch }) => batch), bad: found.bad.map(({ batch }) => batch) };
};

test('a tenth of the points is good, rounded up, and 25 at most', () => {
  assert.deepEqual(split([1, 3, 2]), { good: [1], bad: [0, 2] });
  const scores = Array.from({ length: 1000 }, (_, i) => (i * 577) % 1000);
  for (const [count, size] of [
    [10, 1],
    [11, 2],
    [200, 20],
    [1000, 25],
  ] as const) {
    const own = scores.slice(0, count);
    const falling = own.map((_, i) => i).sort((a, b) => (own[b] as number) - (own[a] as number));
    const found = split(own);
    assert.deepEqual(found?.good, falling.slice(0, size));
    assert.deepEqual(
      found?.bad,
      falling.slice(size).sort((a, b) => a - b),
    );
  }
});

test('of equal scores the earliest is good', () => {
  assert.deepEqual(split([1, 2, 2, 2]), { good: [1], bad: [0, 2, 3] });
  assert.deepEqual(split([...Array(10).fill(1), 2, 2, 2, 0])?.good, [10, 11]);
});

test('points without a score are bad', () => {
  assert.deepEqual(split([null, 5, Number.NaN, 6, null]), { good: [3], bad: [0, 1, 2, 4] });
  assert.deepEqual(split([null, -5]), { good: [1], bad: [0] });
  assert.deepEqual(split([...Array(40).fill(null), 1, 2])?.good, [41, 40], 'fewer than a tenth have one');
});

test('nothing is good where all are equal', () => {
  for (const scores of [[], [1], [2, 2, 2], [null], [null, Number.NaN, Number.NEGATIVE_INFINITY]])
    assert.equal(split(scores), null);
});
