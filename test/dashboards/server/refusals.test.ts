import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { createRefusals } from '../../../dashboards/server/refusals.ts';

let now = 0;
mock.method(performance, 'now', () => now);
beforeEach(() => {
  now = 0;
});

test('refusals count until work is accepted', () => {
  const refusals = createRefusals({ forgetMs: 1000, maxCallers: 10 });
  assert.equal(refusals.count('a'), 0);
  refusals.record('a', 'refused');
  refusals.record('a', 'refused');
  assert.deepEqual([refusals.count('a'), refusals.count('b')], [2, 0]);
  refusals.record('a', 'accepted');
  assert.equal(refusals.count('a'), 0);
});

test('refusals are forgotten some time after the last one', () => {
  const refusals = createRefusals({ forgetMs: 1000, maxCallers: 10 });
  refusals.record('a', 'refused');
  now = 900;
  refusals.record('a', 'refused');
  now = 1900;
  assert.equal(refusals.count('a'), 2);
  now = 1901;
  assert.equal(refusals.count('a'), 0);
  refusals.record('a', 'refused');
  assert.equal(refusals.count('a'), 1, 'the caller starts anew');
});

test('the callers that were refused last are remembered', () => {
  const refusals = createRefusals({ forgetMs: 1000, maxCallers: 2 });
  for (const caller of ['a', 'b', 'a', 'c']) refusals.record(caller, 'refused');
  assert.deepEqual(
    ['a', 'b', 'c'].map((caller) => refusals.count(caller)),
    [2, 0, 1],
  );
});
