import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSweep } from '../../../operations/sweeps/status.ts';
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
