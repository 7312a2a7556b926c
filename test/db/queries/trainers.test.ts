import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../../db/client.ts';
import { listTrainers, recordTrainer } from '../../../db/queries/trainers.ts';
import { migratedDatabase } from '../database.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

test('trainers count while they say that they are at work, whatever becomes of the clock', async () => {
  const live = { id: 'live', class: 'cpu', engines: ['kernel'], slots: 2 };
  await recordTrainer(db.sql, live);
  await recordTrainer(db.sql, { ...live, id: 'dead', slots: 4 });
  for (const [ahead, slots] of [
    ['2 minutes', 2],
    ['-2 minutes', 2],
    ['10 seconds', 6],
    ['-10 seconds', 6],
    ['3 days', 2],
  ] as const) {
    await db.sql`update trainers set seen_at = now() + ${ahead}::interval where id = 'dead'`;
    await recordTrainer(db.sql, live);
    const [found] = await listTrainers(db.sql);
    assert.equal(found?.slots, slots, `a sign ${ahead} from now`);
  }
  assert.deepEqual([...(await db.sql`select id from trainers`)], [{ id: 'live' }]);
});
