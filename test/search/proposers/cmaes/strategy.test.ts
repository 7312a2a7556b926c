import assert from 'node:assert/strict';
import { test } from 'node:test';
import { populationOf, strategyOf } from '../../../../search/proposers/cmaes/strategy.ts';

const rounded = (values: Iterable<number>, digits = 6): number[] => Array.from(values, (value) => Number(value.toFixed(digits)));

test('the population grows with the logarithm of the dimensions', () => {
  assert.deepEqual([1, 2, 3, 5, 10, 11].map(populationOf), [4, 6, 7, 8, 10, 11]);
});

test('weights and rates are those of table 1 of the tutorial, computed by hand', () => {
  // λ = 6 in two dimensions: raw weights are ln 3.5 - ln i.
  const { weights, muEff, cSigma, dSigma, cPath, cOne, cMu, length } = strategyOf(2, 6);
  assert.deepEqual(rounded(weights), [0.637043, 0.28457, 0.078387, -0.286384, -0.764958, -1.155982]);
  assert.deepEqual(
    rounded([muEff, cSigma, cPath, cOne, cMu, length]),
    [2.028611, 0.446205, 0.624555, 0.154815, 0.085593, 1.254273],
  );
  // Half of the tutorial's damping, 1, and no more of the second term in small populations.
  assert.equal(dSigma, 0.5 + cSigma);
  // λ = 10 in ten dimensions.
  const ten = strategyOf(10, 10);
  assert.deepEqual(rounded(ten.weights.subarray(0, 5)), [0.456273, 0.270753, 0.162231, 0.085234, 0.02551]);
  assert.deepEqual(rounded(ten.weights.subarray(5)), [-0.080013, -0.221764, -0.344555, -0.452864, -0.54975]);
  assert.deepEqual(
    rounded([ten.muEff, ten.cOne, ten.cMu, ten.cSigma, ten.cPath]),
    [3.167299, 0.015284, 0.023552, 0.284429, 0.29499],
  );
  // A population that restarts have made large is damped more.
  assert.deepEqual(rounded([strategyOf(5, 40).dSigma]), [1.746219]);
});

test('positive weights sum to 1, and no strategy makes a covariance indefinite', () => {
  for (let n = 1; n <= 11; n++) {
    for (let points = 4; points <= 400; points *= 3) {
      const { weights, cOne, cMu } = strategyOf(n, points);
      const positive = weights.filter((weight) => weight > 0).reduce((sum, weight) => sum + weight, 0);
      const negative = weights.filter((weight) => weight < 0).reduce((sum, weight) => sum - weight, 0);
      assert.ok(Math.abs(positive - 1) < 1e-12);
      assert.ok(cOne + cMu <= 1);
      assert.ok(weights.every((weight, i) => i === 0 || weight <= (weights[i - 1] as number)));
      // What the old matrix keeps is more than n times what bad points of unit length take.
      assert.ok(1 - cOne - cMu * (positive - negative) - n * cMu * negative > -1e-12);
    }
  }
});
