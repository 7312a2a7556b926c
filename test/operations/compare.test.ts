import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../db/client.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { migratedDatabase } from '../db/database.ts';
import { SPEC, seedSweep } from '../db/fixtures.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedSweep(db.sql, 'sfirst', { name: 'first' });
  for (const [id, parent] of [
    ['slarger', 'sfirst'],
    ['slargest', 'slarger'],
    ['swider', 'sfirst'],
  ] as const)
    await seedSweep(db.sql, id, { name: id.slice(1), spec: { ...SPEC, extends: parent } });
  await seedSweep(db.sql, 'sother', { name: 'other' });
});
after(() => db?.close());

for (const sweeps of [
  ['first', 'larger'],
  ['largest', 'first'],
  ['other', 'largest', 'wider'],
]) {
  test(`sweeps with trials in common are not pooled: ${sweeps}`, async () => {
    await assert.rejects(compareSweeps(db, sweeps), { code: 'sweeps-overlap', path: 'sweeps', message: /have trials in common/ });
  });
}

test('sweeps without are, and one alone', async () => {
  for (const sweeps of [['largest', 'other'], ['larger'], ['first', 'first']])
    await assert.rejects(compareSweeps(db, sweeps), { code: 'nothing-to-compare' });
});
