/** Postgres behind a pooler in transaction mode: nothing of a session may be relied on. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createBlobStore } from '../../db/blobs.ts';
import { connectTo, isPooled, openDatabase } from '../../db/client.ts';
import { subscribe } from '../../db/listen.ts';
import { migrate } from '../../db/migrate.ts';
import { sha256Of } from '../../platform.ts';
import { emptyDatabase } from '../db/database.ts';
import { type Pooler, startPgbouncer, withoutPgbouncer } from '../support/programs/pgbouncer.ts';
import { until } from '../support/until.ts';

const OPTIONS = { skip: withoutPgbouncer };

async function pooledDatabase(t: TestContext, connections: number): Promise<{ direct: string; pooler: Pooler }> {
  const database = await emptyDatabase();
  const pooler = await startPgbouncer(database.url, connections);
  t.after(async () => {
    await pooler[Symbol.asyncDispose]();
    await database.close();
  });
  return { direct: database.url, pooler };
}

test('migrations over the pooler leave no lock to it', OPTIONS, async (t) => {
  const { direct, pooler } = await pooledDatabase(t, 2);
  await Promise.all([migrate(pooler.url), migrate(pooler.url), migrate(direct)]);
  const sql = connectTo(direct, 1);
  const locks = await sql`
    select l.pid from pg_locks l join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database()`;
  await sql.end();
  assert.deepEqual([...locks], []);
  assert.deepEqual(await migrate(direct), []);
});

test('statements run in any session of the pooler', OPTIONS, async (t) => {
  const { direct, pooler } = await pooledDatabase(t, 2);
  const ours = await openDatabase(pooler.url, { max: 1 });
  const other = await openDatabase(pooler.url, { max: 1 });
  // The driver repeats a statement that the session does not know, which fails in a transaction.
  const ask = (n: number) =>
    ours.sql.begin(async (sql) => {
      const [row] = await sql<[{ n: number; pid: number }]>`select ${n}::int4 as n, pg_backend_pid() as pid`;
      return row;
    });
  const first = await ask(1);
  await other.sql.begin(async (transaction) => {
    // Takes the session that the pooler used last.
    const [held] = await transaction`select pg_backend_pid() as pid`;
    assert.equal(held?.pid, first.pid);
    const second = await ask(2);
    assert.deepEqual([second.n, second.pid === first.pid], [2, false]);
  });
  await ours.close();
  await other.close();

  for (const [url, isPrepared] of [
    [direct, true],
    [pooler.url, false],
    [`${pooler.url}?prepare=true`, true],
  ] as const) {
    const db = await openDatabase(url);
    assert.deepEqual([await isPooled(db.sql), db.sql.options.prepare], [url !== direct, isPrepared]);
    await db.close();
  }
});

test('blobs are written and read in parts over the pooler', OPTIONS, async (t) => {
  const { pooler } = await pooledDatabase(t, 1);
  await migrate(pooler.url);
  const db = await openDatabase(pooler.url);
  const bytes = new Uint8Array(9 * 1024 * 1024).map((_, i) => i % 251);
  const sha256 = sha256Of(bytes);
  const pieces = (async function* () {
    yield bytes;
  })();
  const blobs = createBlobStore(db.sql, null);
  await blobs.put({ sha256, bytes: bytes.length, pieces });
  assert.equal(sha256Of(await blobs.get(sha256)), sha256);
  await db.close();
});

test('a listener notices the pooler', OPTIONS, async (t) => {
  const { direct, pooler } = await pooledDatabase(t, 1);
  const seen: string[] = [];
  for (const url of [direct, pooler.url]) {
    const sql = connectTo(url, 1);
    let connected = false;
    const listener = subscribe(
      sql,
      { one: () => {} },
      () => {
        connected = true;
      },
      () => void seen.push(url),
    );
    await until(() => connected, 'the connection');
    await listener.close();
    await sql.end();
  }
  assert.deepEqual(seen, [pooler.url]);
});
