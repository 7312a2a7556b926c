import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findLimits } from '../../../../db/queries/sweeps/limits.ts';
import { findSweep } from '../../../../db/queries/sweeps/sweeps.ts';
import { migratedDatabase } from '../../database.ts';
import { limitCells, SPEC, seedSweep } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

const spec: typeof SPEC = { ...SPEC, sampler: { kind: 'random', trials: 70, seed: 1 } };

test('limits are set once, raise the revision, and are seen by the views', async () => {
  const { sql } = db;
  await seedSweep(sql, 'slimits', { spec });
  assert.equal(await findLimits(sql, 'slimits'), null);
  const { revision } = await findSweep(sql, 'slimits');
  assert.deepEqual(await limitCells(sql, 'slimits', { eca: 1 }), { eca: 1 });
  assert.equal((await findSweep(sql, 'slimits')).revision, revision + 1);
  // A decision that is made again, and one that comes too late, change nothing.
  assert.deepEqual(await limitCells(sql, 'slimits', { eca: 2 }), { eca: 1 });
  assert.equal((await findSweep(sql, 'slimits')).revision, revision + 1);
  await Promise.all([limitCells(sql, 'slimits', { 'ednn/1': 0 }), limitCells(sql, 'slimits', { 'ednn/2': 1 })]);
  assert.deepEqual(await findLimits(sql, 'slimits'), { eca: 1, 'ednn/1': 0, 'ednn/2': 1 });
  // Seven cells of two points and five seeds.
  const [row] = await sql`select left_out from sweep_overview where sweep_id = 'slimits'`;
  assert.equal(row?.left_out, 20);
});

test('limits of unknown sweeps and cells are refused', async () => {
  const { sql } = db;
  await assert.rejects(findLimits(sql, 'snone'), { code: 'sweep-unknown' });
  await assert.rejects(limitCells(sql, 'snone', { eca: 1 }), { code: 'sweep-unknown' });
  await assert.rejects(limitCells(sql, await seedSweep(sql, 'scell', { spec }), { 'eca/1': 1 }), RangeError);
});
