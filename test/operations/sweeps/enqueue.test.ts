/** Points given to a sweep that runs, with rows in Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { verifyPlan } from '../../../operations/lifecycle/plan-checks.ts';
import { enqueuePoints } from '../../../operations/sweeps/enqueue.ts';
import { adaptiveSpec, createAdaptiveSweep } from '../../activities/adaptive-sweep.ts';
import { seedDataset, seedSweep } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../../db/database.ts';

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
