import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import { estimatePairedDifference, testPerformance } from '../../../models/drift/performance.ts';
import { coveredVariance } from '../../../models/evaluation/covered-variance.ts';
import { matrixOf, noise } from '../../support/data.ts';
import { simulateChallenge } from '../../support/simulations/verdicts.ts';

/** Returns `y` with noise of this size. */
function blurred(y: Matrix, size: number, name: string): Matrix {
  const error = noise(y.rows, y.columns, name);
  return matrixOf(y.rows, y.columns, (row, column) => {
    const at = row * y.columns + column;
    return (y.data[at] as number) + size * (error.data[at] as number);
  });
}

const y = noise(300, 4, 'known');

test('means equal covered variances, even far from zero', () => {
  const far = matrixOf(300, 4, (row, column) => 1000 + (y.data[row * 4 + column] as number));
  const [a, b] = [blurred(far, 0.3, 'a'), blurred(far, 0.1, 'b')];
  const { mean, low, high } = estimatePairedDifference(far, a, b, null).interval;
  assert.equal(mean, coveredVariance(far, b) - coveredVariance(far, a));
  assert.ok(low > 0 && low < mean && mean < high && high < 0.2, JSON.stringify({ low, mean, high }));
});

test('a constant difference has a narrow interval; the interval of a random one includes zero', () => {
  const same = estimatePairedDifference(y, blurred(y, 0.3, 'a'), blurred(y, 0.3, 'b'), null).interval;
  assert.ok(same.low < 0 && same.high > 0, JSON.stringify(same));
  const model = blurred(y, 0.3, 'a');
  assert.deepEqual(estimatePairedDifference(y, model, model, null), { interval: { mean: 0, low: 0, high: 0 }, probability: 0.5 });
});

test('worse rows are distinguished from equal ones', () => {
  const reference = { y, prediction: blurred(y, 0.2, 'a'), groups: null };
  const others = noise(200, 4, 'others');
  const equal = testPerformance(reference, { y: others, prediction: blurred(others, 0.2, 'b'), groups: null });
  assert.ok(equal.probability > 0.05 && equal.drop.low < 0, JSON.stringify(equal));
  const worse = testPerformance(reference, { y: others, prediction: blurred(others, 0.4, 'b'), groups: null });
  assert.ok(worse.probability < 0.001 && worse.drop.low > 0.05, JSON.stringify(worse));
  assert.ok(Math.abs(worse.drop.mean - (worse.reference - worse.fresh)) < 1e-12);
});

test('different shapes are rejected', () => {
  assert.throws(() => estimatePairedDifference(y, noise(299, 4, 'a'), y, null), /shapes differ/);
});

test('groups of one row each give the interval of independent rows', () => {
  const [a, b] = [blurred(y, 0.3, 'a'), blurred(y, 0.25, 'b')];
  const groups = { units: Int32Array.from({ length: y.rows }, (_, row) => 7 * row), strata: null };
  assert.deepEqual(estimatePairedDifference(y, a, b, groups), estimatePairedDifference(y, a, b, null));
});

// Shares of 400 draws; at 5 % one in a hundred such shares is above 8 %.
for (const [name, grouping] of [
  ['20 independent rows', { groups: 20, rowsPerGroup: 1, correlation: 0 }],
  ['300 independent rows', { groups: 300, rowsPerGroup: 1, correlation: 0 }],
  ['6 groups of 80 rows', { groups: 6, rowsPerGroup: 80, correlation: 0.1 }],
  ['20 groups of 80 rows', { groups: 20, rowsPerGroup: 80, correlation: 0.1 }],
] as const) {
  test(`between equal models intervals exclude 0 as rarely as they say: ${name}`, () => {
    const found = Array.from({ length: 400 }, (_, draw) => simulateChallenge(grouping, draw));
    const share = (counts: (one: (typeof found)[number]) => boolean) => found.filter(counts).length / found.length;
    const missed = share(({ interval: { low, high } }) => low > 0 || high < 0);
    assert.ok(missed <= 0.08, `${missed}`);
    assert.ok(share(({ probability }) => probability <= 0.025) <= 0.045);
    assert.equal(
      share(({ interval, probability }) => interval.low > 0 !== probability < 0.025),
      0,
    );
  });
}
