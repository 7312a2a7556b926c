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
    const decision = decidePromotion({ fresh, old }, 0.003);
    assert.equal(decision.promoted, promoted);
    assert.match(decision.reason, reason);
  });
}
