import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectTo, type Sql } from '../../db/client.ts';
import { listPending, migrate } from '../../db/migrate.ts';
import { compareVersions, type JournalEntry, openCurrentDatabase, readJournal } from '../../db/schema-version.ts';
import type { NarrowsError } from '../../errors.ts';
import { emptyDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let sql: Sql;
before(async () => {
  database = await emptyDatabase();
  sql = connectTo(database.url, 1);
});
after(async () => {
  await sql?.end();
  await database?.close();
});

const entry = (idx: number): JournalEntry => ({ idx, when: 10 * (idx + 1), tag: `000${idx}` });
const JOURNAL = [entry(0), entry(1), entry(2)];

test('the age of tables follows from the newest migration', () => {
  const cases: readonly (readonly [number | null, string, number])[] = [
    [null, 'unknown', 0],
    [0, 'empty', 3],
    [10, 'older', 2],
    [25, 'older', 1],
    [30, 'current', 0],
    [31, 'newer', 0],
  ];
  for (const [applied, age, pending] of cases) {
    const version = compareVersions(applied, JOURNAL);
    assert.deepEqual([version.age, version.pending.length], [age, pending], String(applied));
  }
});

/** Removes the newest migrations from the list, as if they had not been applied. */
const forget = (count: number) =>
  sql`delete from drizzle.__drizzle_migrations where id in (select id from drizzle.__drizzle_migrations order by id desc limit ${count})`;

test('a database without tables, with older or newer ones is refused, and unchanged', async () => {
  await assert.rejects(openCurrentDatabase(database.url), (error: NarrowsError) => {
    assert.deepEqual([error.code, error.kind], ['database-outdated', 'failure']);
    assert.match(error.message, /has no tables of narrows yet/);
    assert.match(error.fix ?? '', /narrows migrate/);
    return true;
  });
  const tables = await sql`select from pg_tables where schemaname in ('public', 'drizzle')`;
  assert.equal(tables.length, 0);
  const journal = readJournal().map(({ tag }) => tag);
  assert.deepEqual(
    (await listPending(database.url)).map(({ tag }) => tag),
    journal,
  );
  assert.deepEqual(
    (await migrate(database.url)).map(({ tag }) => tag),
    journal,
  );
  await (await openCurrentDatabase(database.url)).close();

  const removed = await sql`select * from drizzle.__drizzle_migrations order by id desc limit 2`;
  await forget(2);
  await assert.rejects(openCurrentDatabase(database.url), (error: NarrowsError) => {
    assert.equal(error.code, 'database-outdated');
    assert.match(error.message, new RegExp(`lacks ${journal.slice(-2).join(', ')}`));
    assert.match(error.fix ?? '', /narrows migrate/);
    return true;
  });
  assert.deepEqual(
    (await listPending(database.url)).map(({ tag }) => tag),
    journal.slice(-2),
  );
  await sql`insert into drizzle.__drizzle_migrations ${sql(removed.map((row) => ({ ...row })))}`;

  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.parse('2999-01-01')})`;
  await assert.rejects(openCurrentDatabase(database.url), { code: 'database-newer', fix: /update narrows/ });
  await forget(1);
});
