/** Proofs of proposals: green on what was trained, red on each thing that was changed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { checkProposals, verifyPlan } from '../../../operations/lifecycle/plan-checks.ts';
import { verifyStorage } from '../../../operations/lifecycle/verify.ts';
import { NOTHING_IN_TRAINING, statusOf } from '../../../operations/sweeps/status.ts';
import { adaptiveSpec, createAdaptiveSweep } from '../../activities/adaptive-sweep.ts';
import { seedDataset, seedSweep, smallSpec } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../../db/database.ts';

const ID = 'sproof';
const { signal } = new AbortController();

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, null));
  const trainer = await createAdaptiveSweep(db, ID, adaptiveSpec());
  await trainer.trainAll(6);
});
after(() => db?.close());

/** Changes rows, verifies, and changes them back. */
async function firstAfter(change: string): Promise<string> {
  const { sql } = db;
  await sql.unsafe('create table kept as table proposals; create table kept_trials as table trials');
  await sql.unsafe(change);
  const { identical, first } = await verifyPlan(db, ID, signal);
  assert.equal(identical, false);
  await sql.unsafe(`
    delete from proposals; insert into proposals table kept; drop table kept;
    update trials t set configuration = k.configuration, validation = k.validation from kept_trials k where k.id = t.id;
    drop table kept_trials`);
  return `${first?.subject}: ${first?.problem}`;
}

test('a trained sweep is verified', async () => {
  assert.deepEqual(await verifyPlan(db, ID, signal), {
    ...{ sweepId: ID, name: ID, sampler: 'tpe', trials: 180, proposals: 90, rungs: null },
    ...{ identical: true, first: null },
  });
});

test('a trial that the sweep has left out has no place in the plan', async () => {
  await db.sql`update sweeps set limits = '{"ednn/2": 17}' where id = ${ID}`;
  const { identical, first } = await verifyPlan(db, ID, signal);
  assert.equal(identical, false);
  assert.equal(first?.problem, 'its row is not that of the plan of its sweep');
  // What is left out below is not missing either.
  assert.match(
    (await verifyStorage({ db, blobs: createBlobStore(db.sql, null) }, [ID], { signal })).findings
      .map(({ problem }) => problem)
      .join(),
    /of its \d+ trials have a result/,
  );
  await db.sql`update sweeps set limits = null where id = ${ID}`;
});

test('a point that was changed is named', async () => {
  const change = `update proposals set value = jsonb_set(value, '{learningRate}', '0.0123') where cell = 'ednn/2' and point = 17`;
  assert.match(
    await firstAfter(change),
    /^point 17 of ednn\/2: .*0.0123.* is stored, and the scores that it was proposed from give/,
  );
});

test('a point without one of its values is named, and so are those that saw it', async () => {
  const change = `update proposals set value = value - 'learningRate' where cell = 'ednn/2' and point = 17`;
  assert.match(await firstAfter(change), /^point 17 of ednn\/2: .* is stored, and the scores that it was proposed from give/);
  const faults: string[] = [];
  const undone = new Error('undone');
  const changed = db.sql.begin(async (sql) => {
    await sql`update proposals set value = value - 'learningRate' where cell = 'ednn/2' and point = 3`;
    for await (const { problem } of checkProposals(sql, await findSweep(sql, ID), { signal })) faults.push(problem);
    throw undone;
  });
  await assert.rejects(changed, undone);
  assert.match(faults.join('\n'), /cannot be recomputed from the points before it: the space has no learningRate/);
});

test('a score that was changed is named', async () => {
  assert.match(
    await firstAfter(`update proposals set score = 0.5 where cell = 'eca' and point = 3`),
    /^point 3 of eca: the score 0.5 is stored, and its trials have 0\.\d+/,
  );
  assert.match(
    await firstAfter(`update trials set validation = 0.5 where index = 0 and sweep_id = '${ID}'`),
    /^point 0 of ednn\/1: the score 0\.\d+ is stored, and its trials have 0\.\d+/,
  );
});

test('a proposal that was removed, and a count that was changed, are named', async () => {
  assert.match(await firstAfter(`delete from proposals where position = 40`), /a proposal before it is missing/);
  assert.match(
    await firstAfter(`update proposals set observed = null, score = null where observed = 5`),
    /it saw \d+ scores, and 5 are stored/,
  );
});

test('a trial that has another configuration than its point is named', async () => {
  const change = `update trials set configuration = jsonb_set(configuration, '{dropout}', '0.29') where index = 3 and sweep_id = '${ID}'`;
  assert.match(await firstAfter(change), /^sproof-3: its row is not that of the plan of its sweep/);
});

test('another version of the sampler cannot recompute', async () => {
  const change = `update proposals set sampler = jsonb_set(sampler, '{version}', '99') where position = 7`;
  assert.match(await firstAfter(change), /^point \d+ of \S+: it was proposed by .*"version":99.* cannot be recomputed/);
});

test('damage of proposals is found among all that is stored', async () => {
  const { sql } = db;
  // Of two packs at a time, either may propose first.
  const [before] = await sql<[{ score: number; point: number; cell: string }]>`
    select score, point, cell from proposals where position = 3`;
  await sql`update proposals set score = 0.25 where position = 3`;
  const { findings } = await verifyStorage({ db, blobs: createBlobStore(sql, null) }, [ID], { signal });
  assert.deepEqual(
    findings
      .filter(({ problem }) => problem.startsWith(`point ${before.point} of ${before.cell}:`))
      .map(({ fix, result }) => [fix, result]),
    [['do not rely on it: restore the sweep from an archive or a backup', 'failed']],
  );
  await sql`update proposals set score = ${before.score} where position = 3`;
});

test('the plan of other samplers is verified by the spec alone', async () => {
  const { sql } = db;
  const sweep = await seedSweep(sql, createBlobStore(sql, null), 'splanned', smallSpec());
  await sweep.record(0, 1, 2);
  const report = await verifyPlan(db, 'splanned', signal);
  assert.deepEqual([report.identical, report.trials, report.proposals, report.sampler], [true, 3, 0, 'random']);
});

test('a status counts the proposals', async () => {
  const status = async (id: string) => statusOf(await findSweep(db.sql, id), [], NOTHING_IN_TRAINING, []);
  assert.deepEqual((await status(ID)).proposals, { made: 90, planned: 90 });
  assert.equal((await status(ID)).sampler, 'tpe');
  assert.equal((await status('splanned')).proposals, null);
});
