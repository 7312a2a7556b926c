/** Postgres behind a pooler in transaction mode: nothing of a session may be relied on. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createBlobStore } from '../../db/blobs.ts';
import { connectTo, isPooled, openDatabase } from '../../db/client.ts';
import { subscribe } from '../../db/listen.ts';
import { migrate } from '../../db/migrate.ts';
import { sha256Of } from '../../platform.ts';
import { emptyDatabase } from '../db/database.ts';
import { type Pooler, startPgbouncer, withoutPgbouncer } from '../support/pgbouncer.ts';
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
  await migrate(direct);
  for (const [url, pooled] of [
    [direct, false],
    [pooler.url, true],
  ] as const) {
    const db = await openDatabase(url, { max: 4 });
    assert.equal(await isPooled(db.sql), pooled);
    assert.equal(db.sql.options.prepare, !pooled);
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const [row] = await db.sql<{ n: number }[]>`select ${i}::int4 + ${i % 3}::int4 as n`;
        return row?.n;
      }),
    );
    assert.deepEqual(
      answers,
      answers.map((_, i) => i + (i % 3)),
    );
    await db.close();
  }
  const forced = await openDatabase(`${pooler.url}?prepare=true`);
  assert.equal(forced.sql.options.prepare, true);
  await forced.close();
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
