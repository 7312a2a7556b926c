import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  isMarked,
  listChosenSweeps,
  listMarked,
  markRemoved,
  measureSweeps,
  purgeSweep,
} from '../../../../db/queries/lifecycle/removal.ts';
import { type NewChampion, registerChampion } from '../../../../db/queries/retraining/champions.ts';
import { saveRetraining } from '../../../../db/queries/retraining/retrainings.ts';
import { createSweep, findSweep, listSweeps, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import { until } from '../../../support/until.ts';
import { migratedDatabase } from '../../database.ts';
import { completed, PROVENANCE, SPEC, seedSweep, trialOf, VERSION } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let id: string;
let sweeps = 0;
before(async () => {
  db = await migratedDatabase();
  const options = { watchDir: null, url: null } as never;
  await saveRetraining(db.sql, { name: 'water', spec: SPEC, dataset: 'water', target: 'xes', options });
});
after(() => db?.close());
beforeEach(async () => {
  id = await seedSweep(db.sql, `s${++sweeps}`, { name: `sweep-${sweeps}` });
});

const record = (count: number, from = 0) =>
  recordReports(
    db.sql,
    id,
    PROVENANCE,
    Array.from({ length: count }, (_, i) => completed(id, trialOf(from + i), 0.5)),
  );
const anyState = async () => {};
const champion = (): NewChampion => ({
  ...{ name: 'water', dataset: 'water', target: 'xes', method: 'ednn' as const, k: 2, trialId: `${id}-0` },
  ...{ sweepId: id, datasetVersion: VERSION, runId: null },
});
const warmed = (name: string) => ({
  ...{ id: name, name, spec: { ...SPEC, warm: { 'ednn/2': `${id}-0` } }, dataset: 'water', datasetVersion: VERSION },
  ...{ target: 'xes', planned: 1, packSizes: [1], codeVersion: '0' },
});

/** Number of rows about the sweep, over all tables that refer to sweeps or trials. */
async function countRows(): Promise<number> {
  const tables = await db.sql<{ name: string; column: string }[]>`
    select c.conrelid::regclass::text as name, a.attname as column from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.confrelid in ('sweeps'::regclass, 'trials'::regclass)`;
  let count = 0;
  for (const { name, column } of tables) {
    const [row] = await db.sql`select count(*)::int as n from ${db.sql(name)} where ${db.sql(column)} like ${`${id}%`}`;
    count += Number(row?.n);
  }
  return count;
}

test('a marked sweep exists for nobody; purging deletes its rows in batches, and a second time nothing', async () => {
  await record(450);
  assert.ok((await countRows()) > 2000);
  const [size] = await measureSweeps(db.sql, [id]);
  assert.equal(size?.trials, 450);
  assert.ok((size?.bytes ?? 0) > 450 * 100);
  assert.deepEqual(await markRemoved(db.sql, id, anyState), []);
  await assert.rejects(findSweep(db.sql, id), { code: 'sweep-unknown' });
  await assert.rejects(setSweepState(db.sql, id, 'running'), { code: 'sweep-unknown' });
  assert.ok(!(await listSweeps(db.sql)).some((row) => row.id === id));
  assert.deepEqual([await isMarked(db.sql, id), (await listMarked(db.sql)).includes(id)], [true, true]);
  // Two at once share the work.
  const counts = await Promise.all([purgeSweep(db.sql, id), purgeSweep(db.sql, id)]);
  assert.equal(counts[0] + counts[1], 450);
  assert.equal(await countRows(), 0);
  assert.deepEqual([await isMarked(db.sql, id), await purgeSweep(db.sql, id)], [false, 0]);
});

test('a removal that was interrupted is continued', async () => {
  await record(10);
  await markRemoved(db.sql, id, anyState);
  await db.sql`select purge_sweep(${id}, 3)`;
  assert.equal(await purgeSweep(db.sql, id), 7);
  assert.equal(await countRows(), 0);
});

test('a sweep that is not marked is not purged', async () => {
  await record(3);
  assert.equal(await purgeSweep(db.sql, id), 0);
  assert.ok((await countRows()) > 0);
});

test('late reports of a removed sweep are refused, and leave nothing', async () => {
  await record(2);
  await markRemoved(db.sql, id, anyState);
  await assert.rejects(record(2, 2), { code: 'sweep-unknown' });
  await purgeSweep(db.sql, id);
  await assert.rejects(record(2, 2), { code: 'sweep-unknown' });
  assert.equal(await countRows(), 0);
});

test('a sweep is not marked where its state forbids it', async () => {
  await assert.rejects(
    markRemoved(db.sql, id, () => Promise.reject(new Error('it runs'))),
    /it runs/,
  );
  assert.equal((await findSweep(db.sql, id)).id, id);
});

/** Runs `late` while the removal is about to commit; returns what became of it. */
async function duringRemoval(late: () => Promise<unknown>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const removal = markRemoved(db.sql, id, () => promise);
  await until(async () => (await locked()) > 0, 'the removal holds the sweep');
  const outcome = late().catch((error: unknown) => error);
  await until(async () => (await waiting()) > 0, 'the other one waits');
  resolve();
  assert.deepEqual(await removal, []);
  return outcome;
}

const locked = async () => {
  const rows = await db.sql`select id from sweeps where id = ${id} for update skip locked`;
  return rows.length === 0 ? 1 : 0;
};
const waiting = async () =>
  (
    await db.sql`select from pg_locks where not granted and database is not distinct from (select oid from pg_database where datname = current_database())
    union all select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  ).length;

test('a champion that comes during a removal is refused', async () => {
  await record(1);
  const outcome = await duringRemoval(() => db.sql.begin((sql) => registerChampion(sql, 'adopted', champion())));
  assert.equal((outcome as { code: string }).code, 'sweep-removed');
});

test('a sweep that would start from one which is being removed is refused', async () => {
  await record(1);
  const outcome = await duringRemoval(() => createSweep(db.sql, warmed(`w${id}`)));
  assert.equal((outcome as { code: string }).code, 'sweep-removed');
  await assert.rejects(findSweep(db.sql, `w${id}`), { code: 'sweep-unknown' });
});

test('a removal waits for a champion that is about to be, and leaves its sweep', async () => {
  await record(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const { promise: registered, resolve: tell } = Promise.withResolvers<void>();
  const registering = db.sql.begin(async (sql) => {
    await registerChampion(sql, 'adopted', champion());
    tell();
    await promise;
  });
  await registered;
  const removal = markRemoved(db.sql, id, anyState);
  await until(async () => (await waiting()) > 0, 'the removal waits');
  resolve();
  await registering;
  assert.deepEqual([...(await removal)], [{ sweepId: id, kind: 'champion', name: 'water', by: null }]);
  assert.equal((await findSweep(db.sql, id)).id, id);
});

test('finished sweeps are chosen by age, state and name', async () => {
  const chosen = async (choice: { olderThanSeconds?: number; states?: ('failed' | 'cancelled')[]; name?: string }) =>
    (
      await listChosenSweeps(db.sql, {
        olderThanSeconds: choice.olderThanSeconds ?? null,
        states: choice.states ?? ['failed', 'cancelled'],
        name: choice.name ?? null,
      })
    ).map((row) => row.id);
  const [other, odd] = [await seedSweep(db.sql, 'x1', { name: 'test_1' }), await seedSweep(db.sql, 'x2', { name: 'testA1' })];
  assert.deepEqual(await chosen({}), []);
  await setSweepState(db.sql, id, 'failed');
  await setSweepState(db.sql, other, 'cancelled');
  await setSweepState(db.sql, odd, 'cancelled');
  await db.sql`update sweeps set finished_at = now() - interval '2 days' where id = ${other}`;
  assert.deepEqual((await chosen({})).sort(), [id, other, odd].sort());
  assert.deepEqual(await chosen({ states: ['failed'] }), [id]);
  assert.deepEqual(await chosen({ olderThanSeconds: 86_400 }), [other]);
  assert.deepEqual(await chosen({ name: 'test_*' }), [other], 'an underscore is itself');
  assert.deepEqual((await chosen({ name: 'test?1' })).sort(), [other, odd].sort());
});
