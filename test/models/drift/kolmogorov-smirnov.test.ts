import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustFalseDiscoveryRates, computeKsProbability, computeKsStatistic } from '../../../models/drift/kolmogorov-smirnov.ts';
import { stream } from '../../../models/random.ts';

const near = (got: number, wanted: number, tolerance: number) =>
  assert.ok(Math.abs(got - wanted) <= tolerance, `${got}, not ${wanted}`);

test('the statistic is the largest gap between the distribution functions, with ties skipped together', () => {
  assert.equal(computeKsStatistic(Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 3)), 0);
  assert.equal(computeKsStatistic(Float64Array.of(1, 2), Float64Array.of(3, 4)), 1);
  assert.equal(computeKsStatistic(Float64Array.of(4, 1, 1, 2), Float64Array.of(1, 3)), 0.25);
});

// scipy 1.17: special.kolmogorov(1.36) = 0.04948588, kolmogorov(0.8275735551899077) = 0.5
test('the probability is that of the limit with the correction for small samples', () => {
  const limit = (lambda: number) => computeKsProbability(lambda / (1e4 + 0.12 + 0.11 / 1e4), 2e8, 2e8);
  near(limit(1.36), 0.04948588, 1e-6);
  near(limit(0.8275735551899077), 0.5, 1e-6);
  assert.equal(computeKsProbability(0, 50, 50), 1);
  assert.ok(computeKsProbability(1, 50, 50) < 1e-12);
});

test('equal distributions are rejected at the given level', () => {
  let refused = 0;
  const draws = 2000;
  for (let draw = 0; draw < draws; draw++) {
    const { uniform } = stream(draw, 'ks');
    const sample = (size: number) => Float64Array.from({ length: size }, () => uniform());
    if (computeKsProbability(computeKsStatistic(sample(200), sample(300)), 200, 300) <= 0.05) refused++;
  }
  near(refused / draws, 0.05, 0.02);
});

// scipy 1.17: stats.false_discovery_control([0.01, 0.02, 0.03, 0.5])
test('false discovery rates are those of Benjamini and Hochberg', () => {
  const rates = adjustFalseDiscoveryRates([0.01, 0.5, 0.03, 0.02]);
  [0.04, 0.5, 0.04, 0.04].forEach((wanted, i) => {
    near(rates[i] as number, wanted, 1e-12);
  });
  assert.deepEqual(adjustFalseDiscoveryRates([]), []);
});
