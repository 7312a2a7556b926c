import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSettling } from '../../../../dashboards/server/cache/settled-sweeps.ts';
import type { SweepRow } from '../../../../db/queries/sweeps/sweeps.ts';
import type { SettledSweep } from '../../../../operations/sweeps/lost.ts';

const TIMEOUT_MS = 300;
const rowAt = (revision: number) => ({ id: 's', revision }) as SweepRow;

/** Lookups that a test ends, on a clock of its own. */
function observeLookups({ mock }: TestContext) {
  let now = 1000;
  mock.method(performance, 'now', () => now);
  const lookups: PromiseWithResolvers<SettledSweep>[] = [];
  const settle = createSettling(() => {
    const lookup = Promise.withResolvers<SettledSweep>();
    lookups.push(lookup);
    return lookup.promise;
  }, TIMEOUT_MS);
  return { settle, lookups, pass: (milliseconds: number) => (now += milliseconds) };
}

test('concurrent requests share a lookup, and none gets an earlier row than it has', async (t) => {
  const { settle, lookups } = observeLookups(t);
  const [first, second] = [settle(rowAt(3)), settle(rowAt(4))];
  assert.equal(lookups.length, 1);
  lookups[0]?.resolve({ row: rowAt(3), loss: 'lost' });
  assert.deepEqual(await first, { row: rowAt(3), loss: 'lost' });
  assert.deepEqual(await second, { row: rowAt(4), loss: 'lost' });
});

test('a slow lookup is not waited for again; what it found is kept', async (t) => {
  const { settle, lookups, pass } = observeLookups(t);
  const waiting = settle(rowAt(1));
  pass(TIMEOUT_MS);
  lookups[0]?.resolve({ row: rowAt(1), loss: 'lost' });
  await waiting;
  const answered = await Promise.race([settle(rowAt(2)), nextTurn('waits for Temporal')]);
  assert.deepEqual(answered, { row: rowAt(2), loss: 'lost' });
});

test('once Temporal did not answer, requests wait for it only when it answers again', async (t) => {
  const { settle, lookups, pass } = observeLookups(t);
  const waiting = settle(rowAt(1));
  pass(TIMEOUT_MS);
  lookups[0]?.resolve({ row: rowAt(1), loss: null });
  await waiting;
  for (const _ of ['first', 'second']) {
    const answered = await Promise.race([settle(rowAt(2)), nextTurn('waits for Temporal')]);
    assert.deepEqual(answered, { row: rowAt(2), loss: null });
  }
  assert.equal(lookups.length, 2, 'one lookup in the background');
  // Its failure is nobody's: the next lookup shows whether it lasts.
  lookups[1]?.reject(new Error('the database is gone'));
  await nextTurn();
  const next = settle(rowAt(3));
  lookups[2]?.resolve({ row: rowAt(3), loss: 'lost' });
  assert.deepEqual(await next, { row: rowAt(3), loss: 'lost' });
});
