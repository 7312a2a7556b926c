import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePromotion } from '../../../models/drift/promotion.ts';

const better = { mean: 0.01, low: 0.002, high: 0.02 };
const unclear = { mean: 0.01, low: -0.001, high: 0.02 };
const aLittleWorse = { mean: -0.001, low: -0.0025, high: 0.001 };
const worse = { mean: -0.002, low: -0.004, high: 0.001 };

for (const [name, fresh, old, promoted, reason] of [
  [
    'better on the new rows, within the margin on the old',
    better,
    aLittleWorse,
    true,
    /better on the new rows: \+0\.0100 \[\+0\.0020, \+0\.0200\]/,
  ],
  ['not clearly better on the new rows', unclear, better, false, /not better on the new rows/],
  [
    'better on the new rows, beyond the margin on the old',
    better,
    worse,
    false,
    /worse than the margin of 0\.003 on the old rows/,
  ],
  ['no figure at all', { mean: Number.NaN, low: Number.NaN, high: Number.NaN }, better, false, /not better/],
] as const) {
  test(name, () => {
    const decision = decidePromotion({ fresh, old, adjustedProbability: 0.01, comparisons: 2 }, 0.003);
    assert.equal(decision.promoted, promoted);
    assert.match(decision.reason, reason);
  });
}

test('better by chance alone, as one of many comparisons', () => {
  const { promoted, reason } = decidePromotion({ fresh: better, old: better, adjustedProbability: 0.06, comparisons: 6 }, 0.003);
  assert.equal(promoted, false);
  assert.equal(
    reason,
    'not clearly better on the new rows: +0.0100 [+0.0020, +0.0200], p = 0.060 adjusted for 6 comparisons, 0.025 is needed',
  );
});
