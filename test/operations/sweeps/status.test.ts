import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { NOTHING_IN_TRAINING, readSweep, statusOf } from '../../../operations/sweeps/status.ts';
import { trialsByMethod } from '../../../search/plan.ts';
import { migratedDatabase } from '../../db/database.ts';
import { seedSweep } from '../../db/fixtures.ts';

test("durations are by the database's clock, whatever this machine's says", async (t) => {
  const db = await migratedDatabase();
  t.after(() => db.close());
  const id = await seedSweep(db.sql, 's0000000001');
  await db.sql`update sweeps set started_at = now() - interval '10 seconds' where id = ${id}`;
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const { status } = await readSweep({ db, temporal: null }, id);
  assert.ok(status.secondsElapsed >= 10, `${status.secondsElapsed} s`);
});

test('failed trials that are trained again wait where no trainer is at work', async (t) => {
  const db = await migratedDatabase();
  t.after(() => db.close());
  const row = await findSweep(db.sql, await seedSweep(db.sql, 's0000000002'));
  const counts = trialsByMethod(row.spec).map(({ method, trials }) => ({
    ...{ method, completed: trials, pruned: 0, diverged: 0, failed: 0, rung: 0 },
    ...(method === 'ednn' && { completed: trials - 3, failed: 3 }),
  }));
  const waiting = (isRetrying: boolean) =>
    statusOf(row, counts, { ...NOTHING_IN_TRAINING, isRetrying }, []).waiting.map(({ trials }) => trials);
  assert.deepEqual([waiting(true), waiting(false)], [[3], []]);
});
