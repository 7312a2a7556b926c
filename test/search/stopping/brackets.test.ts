import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bracketShares, countBrackets, createBrackets } from '../../../search/stopping/brackets.ts';

const settings = { reduction: 3, rungs: 5, brackets: 5 };

test('shares are those of Hyperband: all brackets train for about as many epochs', () => {
  // Table 1 of Li et al.: R = 81 and η = 3 start 81, 34, 15, 8 and 5 configurations.
  const shares = bracketShares(settings);
  const first = shares[0] as number;
  assert.deepEqual(
    shares.map((share) => Math.ceil((81 * share) / first - 1e-9)),
    [81, 34, 15, 8, 5],
  );
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  assert.deepEqual(bracketShares({ reduction: 2, rungs: 3 }), [1]);
  // The first two brackets of three rungs: 9 / 3 and 3 / 2.
  const [a, b] = bracketShares({ reduction: 3, rungs: 3, brackets: 2 }) as [number, number];
  assert.ok(Math.abs(a / b - 2) < 1e-12);
});

test('the first points of a cell are divided by the shares, however many there are', () => {
  const [shares, bracketOf] = [bracketShares(settings), createBrackets(settings)];
  const counts = shares.map(() => 0);
  for (let points = 1; points <= 20_000; points++) {
    const bracket = bracketOf(points - 1);
    counts[bracket] = (counts[bracket] as number) + 1;
    for (const [of, share] of shares.entries()) {
      const excess = Math.abs((counts[of] as number) - share * points);
      assert.ok(excess < 4, `bracket ${of} has ${counts[of]} of ${points} points`);
    }
  }
  assert.deepEqual(countBrackets(settings, 20_000), counts);
});

test('every m-th point is divided by them too: brackets do not fall in step with a grid', () => {
  const [shares, bracketOf] = [bracketShares(settings), createBrackets(settings)];
  for (let step = 2; step <= 64; step++) {
    for (const offset of [0, 1, step - 1]) {
      const counts = shares.map(() => 0);
      for (let i = 0; i < 1000; i++) {
        const bracket = bracketOf(offset + i * step);
        counts[bracket] = (counts[bracket] as number) + 1;
      }
      for (const [of, share] of shares.entries())
        assert.ok(
          Math.abs((counts[of] as number) / 1000 - share) < 0.05,
          `step ${step}: bracket ${of} has ${counts[of]} of 1000`,
        );
    }
  }
});

test('a single point is in the first bracket, and a large number in some', () => {
  assert.deepEqual(countBrackets(settings, 1), [1, 0, 0, 0, 0]);
  assert.deepEqual(countBrackets(settings, 0), [0, 0, 0, 0, 0]);
  assert.deepEqual(countBrackets({ reduction: 3, rungs: 3 }, 7), [7]);
  assert.ok([2 ** 31, 2 ** 32 - 1, 10_000_000].every((point) => createBrackets(settings)(point) >= 0));
});
