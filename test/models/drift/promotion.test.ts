import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePromotion } from '../../../models/drift/promotion.ts';
import { simulateRun } from '../../support/simulations/verdicts.ts';

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

test('of six challengers as good as their champions a run promotes one rarely', () => {
  const grouping = { groups: 8, rowsPerGroup: 80, correlation: 0.1 };
  const promoted = Array.from({ length: 60 }, (_, seed) => simulateRun(grouping, seed)).filter(Boolean).length;
  // 6 or more of 60 have a probability of 0.3 % at a rate of 2.5 %.
  assert.ok(promoted <= 5, `${promoted} of 60`);
});
