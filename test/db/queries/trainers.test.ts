import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../../db/client.ts';
import { listTrainerSpeeds, listTrainers, recordTrainer, removeTrainer } from '../../../db/queries/trainers.ts';
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

test('each trainer at work has its threads and its speed, once it has measured it', async () => {
  const of = { class: 'gpu', engines: ['tfjs'], slots: 2 };
  await recordTrainer(db.sql, { id: 'a', ...of, threads: 8 });
  await recordTrainer(db.sql, { id: 'b', ...of });
  const speeds = async () =>
    (await listTrainerSpeeds(db.sql)).flatMap(({ class: name, threads, flops }) => (name === 'gpu' ? [[threads, flops]] : []));
  assert.deepEqual(await speeds(), [
    [8, null],
    [1, null],
  ]);
  await recordTrainer(db.sql, { id: 'a', ...of, threads: 8, flops: 5e11 });
  await db.sql`update trainers set seen_at = now() - interval '2 minutes' where id = 'b'`;
  assert.deepEqual(await speeds(), [[8, 5e11]]);
  await removeTrainer(db.sql, { id: 'a', ...of, threads: 8, flops: 4e11 });
  await recordTrainer(db.sql, { id: 'c', ...of, threads: 2 });
  assert.deepEqual(await speeds(), [[2, 1e11]], 'the last one of its class');
});
