import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustHolm } from '../../../models/statistics/holm.ts';

test('p-values are adjusted in steps, at most 1, and keep their order', () => {
  const adjusted = adjustHolm([0.01, 0.04, 0.03, 0.005]);
  // By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 0.04 not below the one before it.
  for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries()) {
    assert.ok(Math.abs((adjusted[i] ?? 0) - expected) < 1e-12, JSON.stringify(adjusted));
  }
  assert.deepEqual(adjustHolm([0.6, 0.9]), [1, 1]);
  assert.deepEqual(adjustHolm([]), []);
});
