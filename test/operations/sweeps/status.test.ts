import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { NOTHING_IN_TRAINING, progressByMethod, readSweep, statusOf } from '../../../operations/sweeps/status.ts';
import { trialsByMethod } from '../../../search/plan.ts';
import { trialCount } from '../../../search/space.ts';
import { migratedDatabase } from '../../db/database.ts';
import { limitCells, SPEC, seedSweep } from '../../db/fixtures.ts';

test("durations are by the database's clock, whatever this machine's says", async (t) => {
  const db = await migratedDatabase();
  t.after(() => db.close());
  const id = await seedSweep(db.sql, 's0000000001');
  await db.sql`update sweeps set started_at = now() - interval '10 seconds' where id = ${id}`;
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const { status } = await readSweep({ db, temporal: null }, id);
  assert.ok(status.secondsElapsed >= 10, `${status.secondsElapsed} s`);
});

test('time for which a sweep was paused, or had ended before it went on, is counted apart', async (t) => {
  const db = await migratedDatabase();
  t.after(() => db.close());
  const id = await seedSweep(db.sql, 's0000000005');
  await db.sql`update sweeps set started_at = now() - interval '100 seconds' where id = ${id}`;
  const pass = (seconds: number) => db.sql`
    update sweeps set started_at = started_at - make_interval(secs => ${seconds}), state_since = state_since - make_interval(secs => ${seconds})
    where id = ${id}`;
  const idle = async () => Math.round((await readSweep({ db, temporal: null }, id)).status.secondsIdle);
  const found: number[] = [];
  const steps = [
    ['paused', 10],
    ['running', 20],
    ['completed', 0],
    ['running', 5],
    ['paused', 40],
    ['cancelled', 0],
  ] as const;
  for (const [state, seconds] of steps) {
    await setSweepState(db.sql, id, state);
    await pass(seconds);
    found.push(await idle());
  }
  assert.deepEqual(found, [10, 10, 10, 10, 50, 50]);
  await db.sql`update sweeps set state_since = state_since - interval '7 seconds' where id = ${id}`;
  await setSweepState(db.sql, id, 'running');
  assert.equal(await idle(), 57);
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

test('trials that are left out are counted apart, and nothing waits for them', async (t) => {
  const db = await migratedDatabase();
  t.after(() => db.close());
  const id = await seedSweep(db.sql, 's0000000003', { planned: trialCount(SPEC) });
  await limitCells(db.sql, id, { eca: 0, 'ednn/3': 0 });
  const row = await findSweep(db.sql, id);
  const ended = (method: Method, completed: number) => ({ method, completed, pruned: 0, diverged: 0, failed: 0, rung: 0 });
  const counts = [ended('ednn', 10), ended('nnca', 5)];
  const status = statusOf({ ...row, elapsed: 60 }, counts, { ...NOTHING_IN_TRAINING, running: 100 }, []);
  // Seven cells of five trials: 25 are trained, 15 have ended.
  assert.deepEqual([status.counts.planned, status.counts.leftOut, status.counts.running], [35, 10, 10]);
  assert.equal(status.secondsLeft, 40);
  assert.deepEqual(progressByMethod(row, counts), [
    { method: 'ednn', ended: 10, planned: 15, leftOut: 5 },
    { method: 'eca', ended: 0, planned: 5, leftOut: 5 },
    { method: 'nnca', ended: 5, planned: 15, leftOut: 0 },
  ]);
  assert.deepEqual(
    status.waiting.map(({ trials }) => trials),
    [10],
  );
});

test('a budget that is nearly spent leaves as little time', async (t) => {
  const db = await migratedDatabase();
  t.after(() => db.close());
  const spec: typeof SPEC = { ...SPEC, sampler: { kind: 'random', trials: 3500, seed: 1 }, budget: { minutes: 2 } };
  const row = await findSweep(db.sql, await seedSweep(db.sql, 's0000000004', { spec, planned: 3500 }));
  const counts = [{ method: 'ednn' as const, completed: 10, pruned: 0, diverged: 0, failed: 0, rung: 0 }];
  const status = statusOf({ ...row, elapsed: 100, idleSeconds: 10 }, counts, NOTHING_IN_TRAINING, []);
  assert.equal(status.secondsLeft, 30);
});
