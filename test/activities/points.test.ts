/** Points that are proposed when their first trial is trained, with rows in Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pointsFor } from '../../activities/points.ts';
import { promoteRung } from '../../activities/promote-rung.ts';
import { createStorage } from '../../activities/storage.ts';
import { createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { listProposals } from '../../db/queries/trials/proposals.ts';
import { cellName, type Method } from '../../models/methods/catalogue.ts';
import { verifyPlan } from '../../operations/lifecycle/plan-checks.ts';
import { findGap } from '../../search/proposals.ts';
import { cellsOf, numberTrials, trialCount } from '../../search/space.ts';
import { seedDataset } from '../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../db/database.ts';
import { adaptiveSpec, createAdaptiveSweep } from './adaptive-sweep.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, null));
});
after(() => db?.close());

const proposalsOf = async (id: string) => [...(await listProposals(db.sql, id))];
const outcomesOf = async (id: string) => {
  const rows = await db.sql<{ outcome: string; trials: number }[]>`
    select outcome, count(*)::int as trials from trials where sweep_id = ${id} group by outcome order by outcome`;
  return Object.fromEntries(rows.map(({ outcome, trials }) => [outcome, trials]));
};
const requireIdentical = async (id: string, trials: number, proposals: number) => {
  const report = await verifyPlan(db, id, new AbortController().signal);
  assert.deepEqual([report.first, report.identical, report.trials, report.proposals], [null, true, trials, proposals]);
};

test('a sweep proposes each point once, from the scores of those that have ended', async () => {
  const trainer = await createAdaptiveSweep(db, 'sonce', adaptiveSpec());
  await trainer.trainAll(6);
  const proposals = await proposalsOf('sonce');
  assert.equal(proposals.length, 90);
  assert.equal(findGap(proposals), null);
  assert.ok((proposals.at(-1)?.observations ?? 0) > 70, 'the last ones saw most of the others');
  assert.deepEqual(await outcomesOf('sonce'), { completed: 180 });
  await requireIdentical('sonce', 180, 90);

  // Every pack a second time, as after answers that were lost.
  await trainer.another().trainAll(6);
  assert.deepEqual(await proposalsOf('sonce'), proposals);
});

test('points that take long are proposed in several transactions', async () => {
  const spec = adaptiveSpec();
  await createAdaptiveSweep(db, 'sturns', spec);
  let transactions = 0;
  const store = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: 'test', host: 'here' });
  const counting = {
    ...store,
    extendProposals: (...input: Parameters<typeof store.extendProposals>) => {
      transactions += 1;
      return store.extendProposals(...input);
    },
  };
  const source = await pointsFor(counting, await store.sweep('sturns'), [0, 1, 2, 3, 4, 5], 0);
  const proposals = await proposalsOf('sturns');
  assert.deepEqual([transactions, proposals.length], [3, 3], 'one point each');
  assert.equal(findGap(proposals), null);
  assert.deepEqual(
    proposals.map(({ cell, point }) => source(cellsOf(spec).map(cellName).indexOf(cell), point)),
    proposals.map(({ value }) => value),
  );
});

test('a width that shares sees what the others of its method have found', async () => {
  const spec = adaptiveSpec({ sampler: { tpe: { trials: 180, startup: 8, share: true } } });
  const trainer = await createAdaptiveSweep(db, 'sshare', spec);
  await trainer.train({ from: 0, to: 60 });
  const store = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: 'test', host: 'here' });
  const cell = cellsOf(spec).map(cellName).indexOf('ednn/2');
  const index = numberTrials(spec).indexOf({ partition: 0, cell, point: 10, seed: 0 });
  await pointsFor(store, await store.sweep('sshare'), [index]);
  const proposals = await proposalsOf('sshare');
  const observedOf = (name: string) => proposals.filter(({ cell, observed }) => cell === name && observed !== null).length;
  assert.deepEqual([observedOf('ednn/1'), observedOf('ednn/2'), observedOf('eca')], [10, 10, 0]);
  assert.equal(proposals.at(-1)?.observations, 20);
  await trainer.trainAll(6);
  assert.equal(findGap(await proposalsOf('sshare')), null);
  await requireIdentical('sshare', 180, 90);
});

test('two deliveries of one pack at a time propose the same points', async () => {
  const trainer = await createAdaptiveSweep(db, 'stwice', adaptiveSpec());
  const range = { from: 0, to: 30 };
  await Promise.all([trainer, trainer.another(), trainer.another()].map((one) => one.train(range)));
  const proposals = await proposalsOf('stwice');
  assert.equal(proposals.length, 15);
  await requireIdentical('stwice', 30, 15);
});

test('a trainer that dies after it has proposed leaves its points to the next one', async () => {
  const dying = await createAdaptiveSweep(db, 'sdies', adaptiveSpec(), { breakdown: () => true });
  await assert.rejects(dying.train({ from: 0, to: 12 }));
  const proposals = await proposalsOf('sdies');
  assert.equal(proposals.length, 6);
  const next = dying.another({});
  assert.deepEqual(await next.train({ from: 12, to: 24 }), { trained: 12, skipped: 0 });
  const pending = (await proposalsOf('sdies')).slice(6);
  assert.ok(
    pending.every(({ observations }) => observations === 0),
    'nothing has ended',
  );
  assert.deepEqual(await next.train({ from: 0, to: 12 }), { trained: 12, skipped: 0 });
  const again = await proposalsOf('sdies');
  assert.deepEqual(
    again.slice(0, 6).map(({ value }) => value),
    proposals.map(({ value }) => value),
  );
  await requireIdentical('sdies', 24, 12);
});

test('a failed trial is observed without a score, and a retry trains its point again', async () => {
  const failing = await createAdaptiveSweep(db, 'sretry', adaptiveSpec(), {
    ending: ({ trialId }) => (/-(2|3|7)$/.test(trialId) ? 'failed' : /-9$/.test(trialId) ? 'diverged' : null),
  });
  await failing.trainAll(6);
  assert.deepEqual(await outcomesOf('sretry'), { completed: 176, diverged: 1, failed: 3 });
  const proposals = await proposalsOf('sretry');
  const scoreOf = (name: string, number: number) => proposals.find(({ cell, point }) => cell === name && point === number)?.score;
  // Trials 2 and 3 are the seeds of a point; of trials 6 and 7 one has a score.
  assert.equal(scoreOf('ednn/2', 0), null);
  assert.equal(typeof scoreOf('ednn/1', 1), 'number');
  await failing.another({}).trainAll(6, { retry: true });
  assert.deepEqual(await outcomesOf('sretry'), { completed: 179, diverged: 1 });
  assert.deepEqual(await proposalsOf('sretry'), proposals, 'what proposals saw stays');
  await requireIdentical('sretry', 180, 90);
});

test('methods that go other ways are proposed for by themselves', async () => {
  const trainer = await createAdaptiveSweep(db, 'sroutes', adaptiveSpec({ class: { eca: 'gpu' } }));
  const routes: readonly (readonly Method[])[] = [['ednn'], ['eca']];
  await Promise.all(routes.map((methods) => trainer.trainAll(5, { methods })));
  assert.deepEqual(await outcomesOf('sroutes'), { completed: 180 });
  await requireIdentical('sroutes', 180, 90);
});

test('with halving, points are observed at the end of the first rung', async () => {
  const spec = adaptiveSpec({ halving: { reduction: 2, rungs: 2 }, training: { epochs: 8, batch: 16 } });
  const trainer = await createAdaptiveSweep(db, 'shalving', spec);
  await trainer.trainAll(6);
  assert.deepEqual(await outcomesOf('shalving'), { rung: 180 });
  const store = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: 'test', host: 'here' });
  assert.equal(await promoteRung(store, { sweepId: 'shalving', rung: 0 }), 90);
  await trainer.train({ rung: 1, from: 0, to: 4 });
  assert.deepEqual(await outcomesOf('shalving'), { completed: 4, pruned: 90, rung: 86 });
  await requireIdentical('shalving', 180, 90);
});

test('partitions train the points of the first one', async () => {
  const spec = adaptiveSpec({ split: { repeats: 2 } });
  assert.equal(trialCount(spec), 360);
  const trainer = await createAdaptiveSweep(db, 'sparts', spec);
  await trainer.trainAll(20);
  assert.equal((await proposalsOf('sparts')).length, 90);
  const [row] = await db.sql<[{ differing: number }]>`
    select count(*)::int as differing from trials a join trials b on b.sweep_id = a.sweep_id and b.index = a.index + 180
    where a.sweep_id = 'sparts' and a.partition = 0 and a.configuration_hash <> b.configuration_hash`;
  assert.equal(row.differing, 0);
  await requireIdentical('sparts', 360, 90);
});

test('proposals go with their sweep', async () => {
  await db.sql`delete from sweeps where id = 'sonce'`;
  assert.deepEqual(await proposalsOf('sonce'), []);
});
