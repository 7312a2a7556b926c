import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectTo, type Sql } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { DATABASE_ROLES, type DatabaseRole, rolesScript, TABLE_RIGHTS } from '../../db/roles.ts';
import { VIEWS } from '../../db/views.ts';
import { emptyDatabase, type TestDatabase, urlFor } from './database.ts';

let database: TestDatabase;
let admin: Sql;
const connections = {} as Record<DatabaseRole, Sql>;

before(async () => {
  database = await emptyDatabase();
  admin = connectTo(database.url, 1);
  await admin.unsafe(rolesScript());
  for (const role of DATABASE_ROLES) connections[role] = connectTo(urlFor(database.url, role), 1);
  await migrate(urlFor(database.url, 'owner'));
  await admin.unsafe(`
    insert into dataset_versions (name, version, description) values ('water', repeat('a', 64), '{}');
    insert into api_tokens (id, name, role, sha256) values ('t', 'mine', 'read', repeat('b', 64));
    insert into retrainings (name, spec, dataset, target, options) values ('r', '{}', 'water', 'xes', '{"url": "https://host/?token=s"}')`);
  for (const [id, outcome] of [
    ['full', 'completed'],
    ['empty', null],
  ] as const) {
    await admin`insert into sweeps (id, name, spec, dataset, dataset_version, target, planned, pack_sizes, code_version)
      values (${id}, ${id}, '{}', 'water', repeat('a', 64), 'xes', 1, '{1}', '0')`;
    if (outcome !== null)
      await admin`insert into trials (id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, outcome, rung, epochs,
          seconds, started_at, finished_at, dataset_version, engine, engine_build, code_version, host)
        values ('full-0', ${id}, 0, 'ednn', 1, 'c', '{}', 'h', 1, ${outcome}, 0, 1, 1, now(), now(), repeat('a', 64), 'null', 'n', '0', 'h')`;
  }
});
after(async () => {
  for (const sql of Object.values(connections)) await sql.end();
  await admin?.end();
  await database?.close();
});

/** SQLSTATEs of statements that need other rights, or a role that is not known. */
const REFUSED = /^(42501|42704)$/;

const refused = (role: DatabaseRole, statement: string) =>
  assert.rejects(connections[role].unsafe(statement), ({ code, message }: Error & { code?: string }) => {
    assert.match(code ?? '', REFUSED, `${role}: ${statement}: ${message}`);
    return true;
  });

/** Statements that reach files, programs, passwords and other roles. */
const OUTSIDE = [
  "copy trials to program 'cat > /tmp/x'",
  "copy trials from program 'id'",
  "copy trials to '/tmp/x'",
  "select pg_read_file('/etc/passwd')",
  "select pg_ls_dir('/')",
  "select lo_import('/etc/passwd')",
  'select rolpassword from pg_authid',
  'create role mine superuser',
  'alter role narrows_worker superuser',
  "alter system set archive_command = 'id'",
  'set session authorization narrows',
  'set role narrows',
  'create extension file_fdw',
  'create function f() returns int language c as $$/tmp/x.so$$, $$f$$',
  'create database mine',
];

/** Statements that change the tables, delete results or write tokens. */
const CHANGES = [
  'drop table trials',
  'truncate trials',
  'alter table trials add column mine int',
  'alter table trials disable trigger all',
  'create table mine (n int)',
  'create function mine() returns int language sql as $$select 1$$',
  'create schema mine',
  'create temporary table mine (n int)',
  'delete from trials',
  'delete from covered_variances',
  'delete from sweeps',
  "update api_tokens set role = 'admin'",
  "update api_tokens set sha256 = repeat('0', 64)",
  "insert into api_tokens (id, name, role, sha256) values ('x', 'x', 'admin', repeat('0', 64))",
  'delete from api_tokens',
  'set role narrows_owner',
  'alter table api_tokens owner to narrows_read',
  'delete from drizzle.__drizzle_migrations',
  'update blobs set bytes = 0',
];

test('no role reaches files, programs, passwords or other roles', async () => {
  for (const role of DATABASE_ROLES) for (const statement of OUTSIDE) await refused(role, statement);
});

test('only the owner changes tables, and no other role deletes results or writes tokens', async () => {
  for (const role of ['worker', 'api', 'read'] as const) for (const statement of CHANGES) await refused(role, statement);
  // Workers drop those of trials that are no longer among the best.
  for (const role of ['api', 'read'] as const) await refused(role, 'delete from latents');
});

test('workers and readers see no tokens, requests or addresses of sources', async () => {
  for (const role of ['worker', 'read'] as const)
    for (const table of ['api_tokens', 'api_sessions', 'api_requests', 'sweep_starters'])
      await refused(role, `select * from ${table}`);
  await refused('read', 'select options from retrainings');
  await connections.read`select name, dataset, target from retrainings`;
});

test('only the owner purges sweeps that were removed', async () => {
  for (const role of ['worker', 'api', 'read'] as const) await refused(role, "select purge_sweep('full', 1)");
});

test('readers write nothing', async () => {
  for (const table of Object.keys(TABLE_RIGHTS)) {
    await refused('read', `insert into ${table} default values`);
    await refused('read', `delete from ${table}`);
  }
  await refused('read', "update sweeps set name = 'x'");
});

test('the API discards a sweep without trials, and no other; others discard none', async () => {
  const discard = (role: DatabaseRole, id: string) => connections[role]`select discard_sweep(${id}) as done`;
  for (const role of ['worker', 'read'] as const) await refused(role, "select discard_sweep('empty')");
  assert.deepEqual((await discard('api', 'full'))[0], { done: false });
  assert.deepEqual((await discard('api', 'empty'))[0], { done: true });
  assert.equal((await connections.read`select from trials`).length, 1);
});

test('every view is one that readers may read, and no other role', async () => {
  const views = await admin<{ name: string }[]>`select viewname as name from pg_views where schemaname = 'public'`;
  assert.deepEqual(views.map(({ name }) => name).sort(), [...VIEWS].sort());
  for (const view of VIEWS) {
    await connections.read.unsafe(`select from ${view}`);
    for (const role of ['worker', 'api'] as const) await refused(role, `select from ${view}`);
  }
});

test('every table has a row of rights, and a migration grants them again', async () => {
  const tables = await admin<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  assert.deepEqual(tables.map(({ name }) => name).sort(), Object.keys(TABLE_RIGHTS).sort());
  await admin`revoke select on trials from narrows_read`;
  await refused('read', 'select from trials');
  await migrate(urlFor(database.url, 'owner'), { regrant: true });
  await connections.read`select from trials`;
  await assert.rejects(migrate(urlFor(database.url, 'worker'), { regrant: true }), { code: 'not-owner' });
});

test('every role sees that the database is up to date; one without that right takes it as it is', async () => {
  for (const role of DATABASE_ROLES) await migrate(urlFor(database.url, role));
  await admin`revoke usage on schema drizzle from narrows_read`;
  await migrate(urlFor(database.url, 'read'));
  const empty = await emptyDatabase();
  try {
    await assert.rejects(migrate(urlFor(empty.url, 'worker')), { code: 'migration-failed', fix: /narrows migrate/ });
  } finally {
    await empty.close();
  }
});
