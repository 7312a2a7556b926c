import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEstimate } from '../../text/estimate.ts';

test('an estimate names its threads and where its speed is from', () => {
  const estimate = { seconds: 30, threadSeconds: 120, threads: 4, speed: 'measured', isStaffed: true } as const;
  assert.equal(describeEstimate(estimate), 'roughly 30 s with 4 threads at work (2 min 00 s of one), by their measured speed');
  assert.equal(
    describeEstimate({ ...estimate, threadSeconds: 30, threads: 1, speed: 'nominal', isStaffed: false }),
    'roughly 30 s with 1 thread of this machine (30 s of one), by a nominal speed',
  );
});
