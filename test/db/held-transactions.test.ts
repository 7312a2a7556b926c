import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Database, openDatabase } from '../../db/client.ts';
import { holdTransaction } from '../../db/held-transactions.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { closedDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let db: Database;
before(async () => {
  database = await closedDatabase();
  db = await openDatabase(database.url, { max: 6 });
});
after(async () => {
  await db?.close();
  await database?.close();
});

test('more works than connections hold transactions, and others within them, and all end', async () => {
  let [holding, most] = [0, 0];
  const works = Array.from({ length: 12 }, () =>
    holdTransaction(db.sql, async (transaction) => {
      await transaction`select pg_advisory_xact_lock(1)`;
      holding += 1;
      most = Math.max(most, holding);
      await holdTransaction(db.sql, async () => db.sql`select 1`);
      holding -= 1;
    }),
  );
  await Promise.all(works);
  assert.equal(most, 1, 'the lock is held until the work has ended');
  const [row] = await db.sql<{ one: number }[]>`select 1 as one`;
  assert.equal(row?.one, 1);
});

test('work that fails rolls back, and passes its turn on', async () => {
  for (let i = 0; i < 8; i++) {
    const failing = holdTransaction(db.sql, async (transaction) => {
      await transaction`insert into installation_notes_of_test values (1)`;
    });
    await assert.rejects(failing, { code: '42P01' });
  }
  assert.equal(await holdTransaction(db.sql, async () => 'its turn'), 'its turn');
});

test('work that has lost its transaction writes nothing in it', async () => {
  const losing = holdTransaction(db.sql, async (transaction) => {
    const [own] = await transaction<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await db.sql`select pg_terminate_backend(${own?.pid ?? 0}, 5000)`;
    await saveDatasetVersion(transaction, { name: 'lost', version: 'ab'.repeat(32), description: {} });
  });
  await assert.rejects(losing);
  assert.equal((await db.sql`select from dataset_versions where name = 'lost'`).length, 0);
});

test('a server that ends idle transactions does not end those of work', async () => {
  const name = new URL(database.url).pathname.slice(1);
  await db.sql.unsafe(`alter database ${name} set idle_in_transaction_session_timeout = '50ms'`);
  const strict = await openDatabase(database.url, { max: 2 });
  try {
    const idle = strict.sql.begin(async (transaction) => {
      await strict.sql`select pg_sleep(0.3)`;
      return transaction`select 1`;
    });
    await assert.rejects(idle, 'the setting has an effect');
    await holdTransaction(strict.sql, async (transaction) => {
      await strict.sql`select pg_sleep(0.3)`;
      await transaction`select 1`;
    });
  } finally {
    await strict.close();
  }
});
