import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Point } from '../../../../search/parameters.ts';
import { standardiseScores } from '../../../../search/proposers/gp/scores.ts';
import { near } from './oracle.ts';

const standardised = (...scores: (number | null)[]) => standardiseScores(scores.map((score) => ({ point: {} as Point, score })));

test('scores have mean 0 and variance 1, in their order', () => {
  const scores = Array.from({ length: 21 }, (_, i) => 5 + ((i * 8) % 21));
  const found = [...(standardised(...scores) ?? [])];
  near(
    found.reduce((sum, one) => sum + one, 0),
    0,
    1e-12,
  );
  near(
    found.reduce((sum, one) => sum + one ** 2, 0),
    21,
    1e-12,
  );
  // None is far from the median: a linear function of the scores.
  const slope = ((found[1] as number) - (found[0] as number)) / 8;
  for (const [i, one] of found.entries()) near(one, (found[0] as number) + slope * ((scores[i] as number) - 5), 1e-12);
});

test('how bad bad scores are does not matter', () => {
  const good = [1, 2, 3, 4, 5];
  assert.deepEqual(standardised(...good, -1e3), standardised(...good, -1e300));
  const [lowest, worse] = standardised(-1e3, -1e9, ...good) ?? [];
  assert.equal(lowest, worse);
});

test('points without a score have the lowest', () => {
  const [diverged, nan, ...others] = standardised(null, Number.NaN, 1, 2, 3, 4) ?? [];
  assert.equal(diverged, nan);
  assert.equal(diverged, Math.min(...others));
  const [missing, one, other] = standardised(null, 2, 2) ?? [];
  assert.ok((missing as number) < (one as number) && one === other);
});

test('without a difference there is nothing to learn', () => {
  assert.equal(standardised(), null);
  assert.equal(standardised(null, Number.NaN), null);
  assert.equal(standardised(2, 2, 2), null);
  assert.notEqual(standardised(2, 2, 2, 2, 3), null);
  assert.notEqual(standardised(3, 3, 3, 3, 2), null);
});
