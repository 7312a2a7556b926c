import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import { estimatePairedDifference, testPerformance } from '../../../models/drift/performance.ts';
import { coveredVariance } from '../../../models/evaluation/covered-variance.ts';
import { matrixOf, noise } from '../../support/data.ts';

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
  const { mean, low, high } = estimatePairedDifference(far, a, b, 1);
  assert.equal(mean, coveredVariance(far, b) - coveredVariance(far, a));
  assert.ok(low > 0 && low < mean && mean < high && high < 0.2, JSON.stringify({ low, mean, high }));
});

test('a constant difference has a narrow interval; the interval of a random one includes zero', () => {
  const same = estimatePairedDifference(y, blurred(y, 0.3, 'a'), blurred(y, 0.3, 'b'), 1);
  assert.ok(same.low < 0 && same.high > 0, JSON.stringify(same));
  const model = blurred(y, 0.3, 'a');
  assert.deepEqual(estimatePairedDifference(y, model, model, 1), { mean: 0, low: 0, high: 0 });
});

test('worse rows are distinguished from equal ones', () => {
  const reference = { y, prediction: blurred(y, 0.2, 'a') };
  const others = noise(200, 4, 'others');
  const equal = testPerformance(reference, { y: others, prediction: blurred(others, 0.2, 'b') }, 1);
  assert.ok(equal.probability > 0.05 && equal.drop.low < 0, JSON.stringify(equal));
  const worse = testPerformance(reference, { y: others, prediction: blurred(others, 0.4, 'b') }, 1);
  assert.ok(worse.probability < 0.001 && worse.drop.low > 0.05, JSON.stringify(worse));
  assert.ok(Math.abs(worse.drop.mean - (worse.reference - worse.fresh)) < 1e-12);
});

test('different shapes are rejected', () => {
  assert.throws(() => estimatePairedDifference(y, noise(299, 4, 'a'), y, 1), /shapes differ/);
});
