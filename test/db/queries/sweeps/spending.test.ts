import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findSpending, spendOnPoints } from '../../../../db/queries/sweeps/spending.ts';
import { findSweep, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { decideRung, recordReports } from '../../../../db/queries/trials/trials.ts';
import type { SweepSpec } from '../../../../search/spec.ts';
import { migratedDatabase } from '../../database.ts';
import { atRung, completed, failed, PROVENANCE, SPEC, seedSweep, trialOf } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

const specOf = (budget: NonNullable<SweepSpec['budget']>): SweepSpec => ({
  ...SPEC,
  methods: ['ednn', 'nnca'],
  space: { ...SPEC.space, k: [2] },
  seeds: [0],
  sampler: { kind: 'random', trials: 40, seed: 1 },
  budget,
});
const point = (cell: string, number: number) => ({ cell, point: number });
const both = (number: number) => [point('ednn/2', number), point('nnca/2', number)];
const nnca = (index: number) => trialOf(index, { method: 'nnca', k: 2 });

test('time of trials is counted once, whatever else is written, and limits the methods that spent it', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'sspend', { spec: specOf({ coreSeconds: 12 }) });
  await spendOnPoints(sql, id, both(0));
  assert.deepEqual((await findSpending(sql, id)).spending.begun, { 'ednn/2': 1, 'nnca/2': 1 });
  // Two seconds each, and one of a failed trial and of one that waits at a rung.
  await recordReports(sql, id, PROVENANCE, [completed(id, trialOf(0), 0.9), failed(id, nnca(1)), atRung(id, nnca(3), 0, 0.5)]);
  await recordReports(sql, id, PROVENANCE, [completed(id, trialOf(2), 0.8)]);
  // A second delivery, and a decision, are no training.
  await recordReports(sql, id, PROVENANCE, [completed(id, trialOf(2), 0.8)]);
  await decideRung(sql, id, 0, { promoted: [], pruned: [3] });
  await spendOnPoints(sql, id, both(1));
  const { spending, limits } = await findSpending(sql, id);
  assert.deepEqual([spending.coreSeconds, spending.spent, limits], [{ ednn: 4, nnca: 2 }, [], null]);
  await recordReports(sql, id, PROVENANCE, [completed(id, trialOf(4), 0.7)]);
  const { revision } = await findSweep(sql, id);
  await spendOnPoints(sql, id, both(2));
  const spent = await findSpending(sql, id);
  assert.deepEqual(spent.spending.coreSeconds, { ednn: 6, nnca: 2 });
  assert.deepEqual([spent.spending.spent, spent.limits], [['ednn'], { 'ednn/2': 2 }]);
  assert.deepEqual(spent.spending.begun, { 'ednn/2': 2, 'nnca/2': 3 });
  assert.equal((await findSweep(sql, id)).revision, revision + 1);
});

test('packs that begin at the same time begin all their points, or none', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'stogether', { spec: specOf({ coreSeconds: 1000 }) });
  await Promise.all(Array.from({ length: 12 }, (_, number) => spendOnPoints(sql, id, both(number))));
  assert.deepEqual((await findSpending(sql, id)).spending.begun, { 'ednn/2': 12, 'nnca/2': 12 });
  await recordReports(sql, id, PROVENANCE, [{ ...completed(id, trialOf(0), 0.9) }]);
  await sql`update writes set core_seconds = '{"ednn": 500}' where sweep_id = ${id}`;
  await Promise.all(Array.from({ length: 4 }, (_, number) => spendOnPoints(sql, id, both(12 + number))));
  const { spending, limits } = await findSpending(sql, id);
  assert.deepEqual([limits, spending.begun], [{ 'ednn/2': 12 }, { 'ednn/2': 12, 'nnca/2': 16 }]);
});

test('minutes are those for which the sweep runs', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'sminutes', { spec: specOf({ minutes: 10 }) });
  await setSweepState(sql, id, 'paused');
  await sql`update sweeps set started_at = now() - interval '15 minutes', state_since = now() - interval '10 minutes' where id = ${id}`;
  await setSweepState(sql, id, 'running');
  await spendOnPoints(sql, id, both(0));
  assert.deepEqual((await findSpending(sql, id)).limits, null);
  // As it ends and is started again, time between counts as little.
  await setSweepState(sql, id, 'cancelled');
  await sql`update sweeps set started_at = started_at - interval '1 hour', state_since = now() - interval '1 hour' where id = ${id}`;
  await setSweepState(sql, id, 'running');
  await spendOnPoints(sql, id, both(1));
  assert.deepEqual((await findSpending(sql, id)).limits, null);
  await sql`update sweeps set started_at = started_at - interval '5 minutes' where id = ${id}`;
  await spendOnPoints(sql, id, both(2));
  assert.deepEqual((await findSpending(sql, id)).limits, { 'ednn/2': 2, 'nnca/2': 2 });
});

test('what an unknown sweep has spent is unknown', async () => {
  await assert.rejects(findSpending(db.sql, 'snone'), { code: 'sweep-unknown' });
  await assert.rejects(spendOnPoints(db.sql, 'snone', both(0)), { code: 'sweep-unknown' });
});
