import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { connectTo, type Sql } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { reviseSweep } from '../../db/queries/sweeps/revision.ts';
import { outcomesSince } from '../../db/queries/trials/outcomes.ts';
import * as schema from '../../db/schema.ts';
import { readJournal } from '../../db/schema-version.ts';
import type { NarrowsError } from '../../errors.ts';
import { emptyDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
let sql: Sql;

before(async () => {
  database = await emptyDatabase();
  sql = connectTo(database.url, 2);
});
after(async () => {
  await sql?.end();
  await database?.close();
});

const FOLDER = new URL('../../db/migrations/', import.meta.url);
const applied = () => sql<{ hash: string; at: number }[]>`
  select hash, created_at::float8 as at from drizzle.__drizzle_migrations order by id`;

test('the journal lists every migration once in ascending order of time', () => {
  const entries = readJournal();
  assert.deepEqual(
    entries.map(({ tag }) => `${tag}.sql`),
    readdirSync(FOLDER)
      .filter((file) => file.endsWith('.sql'))
      .sort(),
  );
  assert.deepEqual(
    entries.map(({ idx }) => idx),
    entries.map((_, i) => i),
  );
  // A migration whose time is not later than the one before is silently skipped.
  entries.reduce((last, { when, tag }) => {
    assert.ok(when > last, `${tag} is not later than the migration before it`);
    return when;
  }, 0);
});

test('concurrent migrators apply each migration once, in order', async () => {
  await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)));
  const rows = await applied();
  assert.deepEqual(
    rows.map(({ at }) => at),
    readJournal().map(({ when }) => when),
  );
  assert.deepEqual(
    rows.map(({ hash }) => hash),
    readJournal().map(({ tag }) =>
      createHash('sha256')
        .update(readFileSync(new URL(`${tag}.sql`, FOLDER)))
        .digest('hex'),
    ),
  );
  await migrate(database.url);
  assert.equal((await applied()).length, readJournal().length);
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  assert.deepEqual(
    tables.map(({ name }) => name),
    [
      'api_requests',
      'api_sessions',
      'api_tokens',
      'baseline_errors',
      'baselines',
      'blob_parts',
      'blobs',
      'champions',
      'checkpoints',
      'comparisons',
      'components',
      'covered_variances',
      'dataset_versions',
      'events',
      'fields',
      'installation',
      'interpretations',
      'latents',
      'learning_curves',
      'messages',
      'models',
      'proposals',
      'retrain_runs',
      'retrainings',
      'rung_scores',
      'shards',
      'source_urls',
      'sweep_starters',
      'sweeps',
      'test_errors',
      'test_rows',
      'trainer_speeds',
      'trainers',
      'trials',
      'writes',
    ],
  );
});

/** A session that holds the lock of migrations, as earlier versions left it to poolers. */
async function withHeldLock(work: (pid: number) => Promise<void>): Promise<void> {
  const holder = connectTo(`${database.url}?application_name=holder`, 1);
  try {
    const [row] = await holder<{ pid: number }[]>`select pg_backend_pid() as pid from pg_advisory_lock(7266979)`;
    await work(row?.pid as number);
  } finally {
    await holder.end();
  }
}

test('who has nothing to migrate waits for no lock', async () => {
  await withHeldLock(async () => assert.deepEqual(await migrate(database.url), []));
});

test('a lock that is not released in time is an error that names its holder', async () => {
  await withHeldLock(async (pid) => {
    const notes: string[] = [];
    const blocked = migrate(database.url, { regrant: true, lockSeconds: 0.5, note: (text) => notes.push(text) });
    await assert.rejects(blocked, (error: NarrowsError) => {
      assert.deepEqual([error.name, error.code, error.kind], ['NarrowsError', 'database-locked', 'failure']);
      assert.match(error.message, new RegExp(`process ${pid} \\(holder, .*held locks for 0.5 s`));
      assert.match(error.fix ?? '', /pg_terminate_backend/);
      return true;
    });
    assert.match(notes.join(), new RegExp(`waiting for locks of process ${pid}`));
  });
});

test('a migration that waits for a lock can be interrupted', async () => {
  await withHeldLock(async () => {
    const interrupt = new AbortController();
    const reason = new Error('interrupted');
    const waiting = migrate(database.url, { regrant: true, signal: interrupt.signal, note: () => interrupt.abort(reason) });
    await assert.rejects(waiting, reason);
    const waiters = await sql`select pid from pg_locks where locktype = 'advisory' and objid = 7266979 and not granted`;
    assert.deepEqual([...waiters], []);
  });
});

test('a failed migration leaves nothing', async () => {
  const other = await emptyDatabase();
  const admin = connectTo(other.url, 1);
  await admin`create table trials (mine int)`;
  await assert.rejects(migrate(other.url), { code: 'migration-failed' });
  const tables = await admin<{ name: string }[]>`
    select schemaname || '.' || tablename as name from pg_tables where schemaname in ('public', 'drizzle')`;
  assert.deepEqual([...tables], [{ name: 'public.trials' }]);
  await admin.end();
  await other.close();
});

test('deleting a sweep deletes its rows, unless it has a champion', async () => {
  await migrate(database.url);
  const orphans = await sql<{ name: string }[]>`
    select c.conrelid::regclass::text || ' -> ' || c.confrelid::regclass::text as name from pg_constraint c
    where c.contype = 'f' and c.confrelid in ('sweeps'::regclass, 'trials'::regclass, 'blobs'::regclass) and c.confdeltype <> 'c' order by 1`;
  assert.deepEqual(
    orphans.map(({ name }) => name),
    ['champions -> sweeps', 'champions -> trials'],
  );
});

test('URLs of sources leave the rows that readers see', async () => {
  const url = 'https://host/a.zip?token=secret';
  await sql`insert into retrainings (name, spec, dataset, target, options) values ('old', '{}', 'water', 'xes', ${sql.json({ url, settle: 10 })})`;
  await sql`insert into retrain_runs (id, name, outcome, message, finished_at)
    values ('old-1', 'old', 'failed-source', ${`${url} cannot be fetched: it answers 500`}, now())`;
  await sql`insert into shards (name, content, folder, fingerprint, outcome) values ('old', repeat('a', 64), ${url}, 'f', 'rejected')`;
  await sql`insert into events (kind, name, run_id, subject, text, payload)
    values ('source-failed', 'old', 'old-1', ${url}, ${`${url} cannot be fetched`}, ${sql.json({ source: url })})`;
  const [, moves = ''] = readFileSync(new URL('0007_source_urls.sql', FOLDER), 'utf8').split('-- Moves');
  for (const statement of `-- ${moves}`.split('--> statement-breakpoint')) await sql.unsafe(statement);
  assert.deepEqual([...(await sql`select url from source_urls where name = 'old'`)], [{ url }]);
  const seen = await sql`
    select r.options, u.message, s.folder, e.subject, e.text, e.payload from retrainings r, retrain_runs u, shards s, events e
    where r.name = 'old' and u.name = 'old' and s.name = 'old' and e.name = 'old'`;
  const shown = 'https://host/a.zip?...';
  assert.deepEqual(
    [...seen],
    [
      {
        ...{ options: { url: shown, settle: 10 }, message: `${shown} cannot be fetched: it answers 500`, folder: shown },
        ...{ subject: shown, text: `${shown} cannot be fetched`, payload: { source: shown } },
      },
    ],
  );
});

test('trials from before writes had ids are followed from any of their revisions', async () => {
  const other = await emptyDatabase();
  const earlier = connectTo(other.url, 1);
  const run = async (tag: string) => {
    for (const statement of readFileSync(new URL(`${tag}.sql`, FOLDER), 'utf8').split('--> statement-breakpoint'))
      await earlier.unsafe(statement);
  };
  const tags = readJournal().map(({ tag }) => tag);
  for (const tag of tags.slice(0, tags.indexOf('0013_writes'))) await run(tag);
  await earlier`insert into dataset_versions (name, version, description) values ('d', repeat('a', 64), '{}')`;
  await earlier`
    insert into sweeps (id, name, spec, dataset, dataset_version, target, planned, pack_sizes, code_version, revision)
    values ('s', 's', '{}', 'd', repeat('a', 64), 'y', 6, '{2}', '0', 4)`;
  await earlier`
    insert into trials (id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, outcome, rung, epochs, seconds,
      started_at, finished_at, dataset_version, engine, engine_build, code_version, host, revision)
    select 's-' || i, 's', i, 'ednn', 1, 'ednn', '{}', 'h' || i, 0, case when i = 5 then 'rung' else 'completed' end, 0, 1, 1, now(), now(),
      repeat('a', 64), 'kernel', '1', '0', 'here', 1 + i / 2 from generate_series(0, 5) as i`;
  for (const tag of tags.slice(tags.indexOf('0013_writes'))) await run(tag);
  const since = async (revision: number) => [...(await outcomesSince(earlier, 's', revision)).index];
  assert.deepEqual([await since(-1), await since(1), await since(3)], [[0, 1, 2, 3, 4, 5], [2, 3, 4, 5], []]);
  await reviseSweep(earlier, 's', async (sql, writeId) => {
    await sql`update trials set write_id = ${writeId} where index = 0`;
    return { ended: 1, engine: 'kernel', engineBuild: '1', host: 'here', coreSeconds: null };
  });
  const { revision, index } = await outcomesSince(earlier, 's', 4);
  assert.deepEqual([revision, [...index]], [5, [0]]);
  const ended = await earlier`select revision::int, ended from writes order by revision`;
  assert.deepEqual(
    ended.map((row) => Object.values(row)),
    [
      [1, 2],
      [2, 2],
      [3, 1],
      [5, 1],
    ],
  );
  await earlier.end();
  await other.close();
});

test('a database of a newer version is rejected', async () => {
  await migrate(database.url);
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.parse('2999-01-01')})`;
  await assert.rejects(migrate(database.url), { name: 'NarrowsError', code: 'database-newer', kind: 'failure' });
  await sql`delete from drizzle.__drizzle_migrations where hash = 'later'`;
  await migrate(database.url);
});

test('the migrations make the schema: none is missing', async () => {
  const folder = new URL('../../db/migrations/meta/', import.meta.url);
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1) as string;
  const before = JSON.parse(readFileSync(new URL(newest, folder), 'utf8'));
  const statements = await generateMigration(before, generateDrizzleJson(schema, before.id));
  assert.deepEqual(statements, [], 'run "npx drizzle-kit generate"');
});
