import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correlationAt, fallAt } from '../../../../search/proposers/gp/matern.ts';
import { near } from './oracle.ts';

/** By distance. */
const EXPECTED = [
  [0.05, 0.9979228021007883],
  [0.3, 0.9309653427750053],
  [1, 0.5239941088318205],
  [2.5, 0.06351021454894377],
  [6, 0.00011091666419354635],
] as const;

test('correlations are those of the Bessel function of the second kind', () => {
  // 2^(1 - ν) / Γ(ν) (√(2ν) r)^ν K_ν(√(2ν) r) with ν = 5/2, by scipy.special.kv.
  for (const [r, expected] of EXPECTED) near(correlationAt(r ** 2), expected, 1e-12);
  assert.equal(correlationAt(0), 1);
});

test('the fall is minus twice the derivative by the square of the distance', () => {
  for (const square of [0.01, 0.3, 1, 4, 20]) {
    const h = 1e-5;
    near(fallAt(square), -(correlationAt(square + h) - correlationAt(square - h)) / h, 1e-6);
  }
  near(fallAt(0), 5 / 3, 1e-15);
});
