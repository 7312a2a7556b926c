/** Stops the trainer of a long trial more often than an activity may fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { startLongTrial } from './long-trial.ts';

/** Temporal makes four attempts. */
const STOPS = 5;

test('a trial goes on from its checkpoint after every stop of its trainer, and none counts', async () => {
  await using trial = await startLongTrial(1_000_000);
  for (let i = 0; i < STOPS; i++) {
    const handBack = await trial.handBack();
    assert.ok(handBack, 'the trial is still trained');
    const { stored, resumed } = handBack;
    assert.ok(resumed > stored, `stop ${i}: epoch ${resumed} after the checkpoint of epoch ${stored}`);
    if (i === STOPS - 1) assert.ok(stored > 0);
  }
  const { db } = trial.servers;
  assert.equal((await findSweep(db.sql, trial.sweepId)).state, 'running');
  assert.deepEqual([...(await db.sql`select outcome from trials`)], []);
  await trial.narrows('sweep', 'cancel', trial.sweepId, '--yes');
});
