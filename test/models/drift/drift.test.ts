/**
 * Tests false alarms and detection on the shipped data; `npm run soak:drift` draws more samples.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejectByHolm } from '../../../models/drift/drift.ts';
import { detectDriftBetween, detectDriftWithin, loadSample } from '../../support/drift-samples.ts';

test('false alarms are rare, and the drift of hotter water is always detected', async () => {
  const [water, hot] = await Promise.all([loadSample('water'), loadSample('water-hot')]);
  const draws = Array.from({ length: 12 }, (_, draw) => draw);
  const alarms = draws.filter((draw) => detectDriftWithin(water, draw).verdict !== 'none').length;
  assert.ok(alarms <= 3, `${alarms} false alarms of ${draws.length}`);
  for (const draw of draws.slice(0, 3)) {
    const drift = detectDriftBetween(water, hot, draw);
    assert.notEqual(drift.verdict, 'none');
    if (draw === 0) assert.deepEqual(detectDriftBetween(water, hot, draw), drift, 'the same samples give the same numbers');
  }
});

test("Holm's procedure rejects in order until the first hypothesis that is kept", () => {
  assert.deepEqual(rejectByHolm([0.03, 0.01, 0.2], 0.05), [false, true, false]);
  assert.deepEqual(rejectByHolm([0.02, 0.01, 0.04], 0.05), [true, true, true]);
  assert.deepEqual(rejectByHolm([0.02, 0.01, 0.06], 0.05), [true, true, false]);
  assert.deepEqual(rejectByHolm([], 0.05), []);
});
