/**
 * Intervals hold the truth as often as they say, and equal methods are hardly ever called
 * different, in simulations of a few seconds. `npm run soak:intervals` is the long one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdTruth, isFalselyClear, rateOf, SEED_COUNTS, settings } from '../../support/simulations/intervals.ts';

/** Rates are pooled over all settings of a number of seeds. */
const REPETITIONS = 60;
const ROWS = [200];

for (const seeds of SEED_COUNTS) {
  test(`95 % intervals of ${seeds} seeds hold the truth as often`, () => {
    const all = settings(seeds, ROWS).flatMap((setting) =>
      Array.from({ length: REPETITIONS }, (_, repetition) => holdTruth(setting, repetition)),
    );
    const [least, most] = seeds < 5 ? [0.91, 0.98] : [0.93, 0.97];
    for (const kind of ['mean', 'difference'] as const) {
      const rate = all.filter((held) => held[kind]).length / all.length;
      assert.ok(rate >= least && rate <= most, `${kind}: ${rate} of ${all.length}`);
    }
  });
}

test('equal methods are called different in at most 5 %', () => {
  const rates = SEED_COUNTS.flatMap((seeds) =>
    settings(seeds, ROWS).map((setting) => rateOf(3, (repetition) => isFalselyClear(setting, repetition))),
  );
  const rate = rates.reduce((sum, value) => sum + value, 0) / rates.length;
  assert.ok(rate <= 0.05, `${rate} of ${3 * rates.length}`);
});
