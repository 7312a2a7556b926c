/** Points given to a sweep that runs, with rows in Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database, Queryable } from '../../../db/client.ts';
import { setLimits } from '../../../db/queries/sweeps/limits.ts';
import { lockSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { verifyPlan } from '../../../operations/lifecycle/plan-checks.ts';
import { enqueuePoints } from '../../../operations/sweeps/enqueue.ts';
import { adaptiveSpec, createAdaptiveSweep } from '../../activities/adaptive-sweep.ts';
import { seedDataset, seedSweep } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../../db/database.ts';
import { until } from '../../support/until.ts';

const { signal } = new AbortController();
const OWN = { learningRate: 0.0123, hidden: [12], activation: 'tanh', layerNorm: true, dropout: 0.1 };
const OTHER = { ...OWN, dropout: 0.2 };

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, null));
  await createAdaptiveSweep(db, 'swaits', adaptiveSpec({ enqueue: [{ ...OWN, dropout: 0.3 }] }));
});
after(() => db?.close());

test('points take the next numbers of every cell, are trained, and are verified', async () => {
  const trainer = await createAdaptiveSweep(db, 'sgiven', adaptiveSpec());
  await trainer.train({ from: 0, to: 24 });
  const given = await enqueuePoints(db, 'sgiven', [OWN, OTHER], []);
  assert.deepEqual(
    given.map(({ cell, point, value }) => [cell, point, value.dropout]),
    ['ednn/1', 'ednn/2', 'eca'].flatMap((cell) => [
      [cell, 4, 0.1],
      [cell, 5, 0.2],
    ]),
  );
  await trainer.trainAll(6);
  const [row] = await db.sql<[{ trained: number }]>`
    select count(*)::int as trained from trials where sweep_id = 'sgiven' and configuration ->> 'learningRate' = '0.0123'`;
  assert.equal(row.trained, 12, 'two points of three cells with two seeds');
  const report = await verifyPlan(db, 'sgiven', signal);
  assert.deepEqual([report.first, report.trials, report.proposals], [null, 180, 90]);

  await db.sql`update proposals set value = jsonb_set(value, '{dropout}', '0.9') where sweep_id = 'sgiven' and cell = 'eca' and point = 5`;
  const { first } = await verifyPlan(db, 'sgiven', signal);
  assert.match(`${first?.subject} ${first?.problem}`, /^point 5 of eca .*0.9 is outside the space's range/);
});

test('those of one cell come after the points that the spec enqueues', async () => {
  const given = await enqueuePoints(db, 'swaits', [OWN], ['ednn/2']);
  assert.deepEqual(
    given.map(({ cell, point }) => [cell, point]),
    [['ednn/2', 1]],
  );
});

/** Counts the statements that wait for a lock. */
const countWaiting = async (): Promise<number> =>
  (await db.sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length;

/** Gives points to a sweep that another transaction changes between their check and their write. */
async function enqueueDuring(id: string, change: (transaction: Queryable) => Promise<unknown>) {
  let given: Promise<unknown> = Promise.resolve();
  await db.sql.begin(async (transaction) => {
    // Others read proposals, and write none.
    await transaction`lock table proposals in share mode`;
    given = enqueuePoints(db, id, [OWN, OTHER], ['eca']);
    // Its outcome is read below.
    given.catch(() => {});
    await until(async () => (await countWaiting()) === 1, 'the points are about to be written');
    await change(transaction);
  });
  return given;
}

const countProposals = async (id: string): Promise<number> => (await db.sql`select from proposals where sweep_id = ${id}`).length;

test('a sweep that ends meanwhile is given no points', async () => {
  await createAdaptiveSweep(db, 'sends', adaptiveSpec());
  const given = enqueueDuring('sends', (transaction) => setSweepState(transaction, 'sends', 'cancelled'));
  await assert.rejects(given, { code: 'sweep-ended', message: 'sends is cancelled: it trains no further points' });
  assert.equal(await countProposals('sends'), 0);
});

test('a limit that a cell gets meanwhile counts', async () => {
  await createAdaptiveSweep(db, 'slimited', adaptiveSpec());
  const given = enqueueDuring('slimited', async (transaction) =>
    setLimits(transaction, await lockSweep(transaction, 'slimited'), { eca: 1 }),
  );
  await assert.rejects(given, { code: 'spec-invalid', message: /eca has 1 points that are not proposed yet, and 2 are given/ });
  assert.equal(await countProposals('slimited'), 0);
});

test('two at once are not given more than there are numbers', async () => {
  await createAdaptiveSweep(db, 'stwice', adaptiveSpec());
  const points = (first: number) => Array.from({ length: 20 }, (_, i) => ({ ...OWN, dropout: (first + i) / 200 }));
  const given = await Promise.allSettled([0, 20].map((first) => enqueuePoints(db, 'stwice', points(first), ['eca'])));
  const refused = given.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
  assert.equal(refused.length, 1);
  assert.match(refused[0] ?? '', /eca has 10 points that are not proposed yet, and 20 are given/);
  assert.equal(await countProposals('stwice'), 20);
});

test('a sweep does not end between the check of its points and their write', async () => {
  await createAdaptiveSweep(db, 'sheld', adaptiveSpec());
  let given: Promise<unknown> = Promise.resolve();
  let ending: Promise<number> = Promise.resolve(0);
  await db.sql.begin(async (transaction) => {
    // The number that the point would take, which keeps its write waiting.
    await transaction`
      insert into proposals (sweep_id, cell, point, value, position, observations, revision, sampler)
      values ('sheld', 'eca', 0, '{}', 0, 0, 0, '{}')`;
    given = enqueuePoints(db, 'sheld', [OWN], ['eca']);
    await until(async () => (await countWaiting()) === 1, 'the point is about to be written');
    ending = setSweepState(db.sql, 'sheld', 'cancelled').then(() => countProposals('sheld'));
    await Promise.race([ending, until(async () => (await countWaiting()) === 2, 'the end waits')]);
    await transaction`delete from proposals where sweep_id = 'sheld'`;
  });
  await given;
  assert.equal(await ending, 1);
});

const FAULTS: readonly (readonly [name: string, points: unknown[], cells: string[], path: string, says: RegExp])[] = [
  ['a point that is enqueued already', [{ ...OWN, dropout: 0.3 }], [], 'enqueue', /ednn\/1 has point 1 of those given already/],
  ['a point that was given', [OTHER, OWN], ['ednn/2'], 'enqueue', /ednn\/2 has point 2 of those given already/],
  ['a value outside the space', [{ ...OWN, dropout: 0.9 }], [], 'enqueue[0].dropout', /outside the space's range/],
  ['an unknown parameter', [{ ...OWN, dropuot: 0.1 }], [], 'enqueue[0].dropuot', /unknown key/],
  ['an unknown cell', [OWN], ['nnca/2'], 'enqueue.nnca/2', /trains no "nnca\/2"/],
  [
    'more than are left',
    Array.from({ length: 30 }, (_, i) => ({ ...OWN, dropout: i / 200 })),
    ['eca'],
    'enqueue',
    /eca has 29 points that are not proposed yet, and 30 are given/,
  ],
];
for (const [name, points, cells, path, says] of FAULTS) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(enqueuePoints(db, 'swaits', points, cells), { code: 'spec-invalid', path, message: says });
  });
}

test('refused: a sampler that does not learn, and a sweep that has ended or never was', async () => {
  await seedSweep(db.sql, createBlobStore(db.sql, null), 'sdrawn');
  await assert.rejects(enqueuePoints(db, 'sdrawn', [OWN], []), {
    code: 'spec-invalid',
    path: 'enqueue',
    message: /random does not learn/,
  });
  await setSweepState(db.sql, 'swaits', 'cancelled');
  await assert.rejects(enqueuePoints(db, 'swaits', [OWN], []), { code: 'sweep-ended', path: 'sweep', kind: 'failure' });
  await assert.rejects(enqueuePoints(db, 'never', [OWN], []), { code: 'sweep-unknown' });
});
