import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortfallPValue } from '../../../models/statistics/equivalence.ts';
import { combineReaches, halfWidth, intervalAt, pValue, type Reach, widerReach } from '../../../models/statistics/reach.ts';
import { studentQuantile, studentTail } from '../../../models/statistics/student-t.ts';

const student =
  (error: number, df: number): Reach =>
  (tail) => ({ below: error * studentQuantile(tail, df), above: 2 * error * studentQuantile(tail, df) });

test('each end is combined by itself', () => {
  const whole = combineReaches(
    () => ({ below: 3, above: 5 }),
    () => ({ below: 4, above: 12 }),
  );
  assert.deepEqual(intervalAt(1, whole), { mean: 1, low: -4, high: 14 });
  assert.equal(halfWidth(whole), 9);
  assert.deepEqual(
    widerReach(
      () => ({ below: 1, above: 5 }),
      () => ({ below: 2, above: 3 }),
    )(0.1),
    { below: 2, above: 5 },
  );
});

test('a p-value is the level at which the interval just excludes the value', () => {
  const reach = student(0.1, 6);
  const close = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual / expected - 1) < 1e-6, `${actual} for ${expected}`);
  close(pValue(0.3, reach), 2 * studentTail(3, 6));
  close(pValue(-0.3, reach), 2 * studentTail(1.5, 6));
  assert.equal(pValue(0, reach), 1);
});

test('a shortfall is equivalent where its interval ends below the margin', () => {
  const reach = student(0.002, 9);
  const close = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} for ${expected}`);
  close(shortfallPValue(0.002, reach, 0.01), studentTail(2, 9));
  close(shortfallPValue(0.016, reach, 0.01), 1 - studentTail(3, 9));
});
