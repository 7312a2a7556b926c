import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learningRateAt, SCHEDULES } from '../../../models/training/schedule.ts';

const curve = (schedule: (typeof SCHEDULES)[number], warmUp = 0.2) =>
  Array.from({ length: 1000 }, (_, step) => learningRateAt(schedule, step, 1000, 0.1, warmUp));

test('every schedule stays within 0 .. peak', () => {
  for (const schedule of SCHEDULES)
    for (const rate of curve(schedule)) assert.ok(rate > 0 && rate <= 0.1, `${schedule}: ${rate}`);
});

test('one-cycle rises from a 25th to the peak in a fifth of the steps and falls to nearly zero', () => {
  const rates = curve('one-cycle');
  assert.equal(rates[0], 0.1 / 25);
  assert.equal(rates.indexOf(Math.max(...rates)), 200);
  assert.ok((rates[200] as number) > 0.0999 && (rates[999] as number) < 1e-5);
});

test('one-cycle has its peak where the warm-up ends, with the same rates at the same shares', () => {
  for (const warmUp of [0.05, 0.5, 0.9]) {
    const rates = curve('one-cycle', warmUp);
    assert.equal(rates.indexOf(Math.max(...rates)), 1000 * warmUp);
    assert.equal(rates[0], 0.1 / 25);
    const half = (0.1 * (1 + 1 / 25)) / 2;
    assert.ok(Math.abs((rates[500 * warmUp] as number) - half) < 1e-9, 'half way up');
    assert.ok(Math.abs((rates[500 + 500 * warmUp] as number) - 0.05) < 1e-9, 'half way down');
  }
  assert.equal(curve('one-cycle', 0)[0], 0.1, 'without a warm-up it begins at the peak');
  assert.ok(
    curve('one-cycle', 1).every((rate, i, rates) => i === 0 || rate > (rates[i - 1] as number)),
    'and rises to the end',
  );
  assert.deepEqual(curve('cosine', 0.9), curve('cosine'), 'other schedules have none');
});

test('cosine falls from the peak along half a cosine', () => {
  const rates = curve('cosine');
  assert.equal(rates[0], 0.1);
  assert.ok(Math.abs((rates[500] as number) - 0.05) < 1e-6 && (rates[999] as number) < 1e-6);
  assert.ok(rates.every((rate, i) => i === 0 || rate < (rates[i - 1] as number)));
});

test('step falls to a tenth after a half and to a hundredth after three quarters; constant stays', () => {
  const rates = curve('step');
  assert.deepEqual(
    [0, 499, 500, 749, 750, 999].map((step) => Number((rates[step] as number).toPrecision(6))),
    [0.1, 0.1, 0.01, 0.01, 0.001, 0.001],
  );
  assert.deepEqual(new Set(curve('constant')), new Set([0.1]));
});
