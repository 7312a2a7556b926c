import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitOutOutage } from '../../../infra/worker/outage.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Work that finds no database the first times. */
function failing(times: number, error: Error = refused) {
  const work = async () => {
    work.calls += 1;
    if (work.calls <= times) throw error;
    return work.calls;
  };
  work.calls = 0;
  return work;
}

const { signal } = new AbortController();

test('work is repeated until the database is there', async () => {
  assert.equal(await waitOutOutage(failing(2), signal), 3);
});

test('an outage that lasts is reported as it is', async () => {
  await assert.rejects(waitOutOutage(failing(5), signal, 0), refused);
});

test('other failures are not repeated', async () => {
  const work = failing(1, new Error('a defect'));
  await assert.rejects(waitOutOutage(work, signal), { message: 'a defect' });
  assert.equal(work.calls, 1);
});

test('a worker that stops ends the wait', async () => {
  const stop = new AbortController();
  const reason = new Error('stopped');
  const waiting = waitOutOutage(failing(Number.POSITIVE_INFINITY), stop.signal);
  setImmediate(() => stop.abort(reason));
  await assert.rejects(waiting, reason);
});
