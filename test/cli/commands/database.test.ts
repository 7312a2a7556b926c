import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectTo } from '../../../db/client.ts';
import { DATABASE_ROLES, type DatabaseRole, roleName, rolesScript } from '../../../db/roles.ts';
import { readJournal } from '../../../db/schema-version.ts';
import { emptyDatabase, type TestDatabase, urlFor } from '../../db/database.ts';
import { type Project, project } from '../../support/command.ts';
import { until } from '../../support/until.ts';

let it: Project;
let database: TestDatabase;
before(async () => {
  it = project();
  database = await emptyDatabase();
});
after(async () => {
  await it[Symbol.asyncDispose]();
  await database.close();
});

/** Runs a command on servers of one's own, as one of the roles. */
const runAs = (role: DatabaseRole, args: readonly string[]) =>
  it.narrows([...args, '--output', 'json'], {
    variables: { NARROWS_DATABASE_URL: urlFor(database.url, role), TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });

test('db roles shows the roles with the files of their passwords, and the script that creates them', async () => {
  const roles = await it.json<{ role: string; user: string; passwordFile: string }[]>(['db', 'roles']);
  assert.deepEqual(
    roles.map(({ role, user }) => [role, user]),
    DATABASE_ROLES.map((role) => [role, roleName(role)]),
  );
  assert.match(roles[0]?.passwordFile ?? '', /\.narrows\/postgres\.owner\.password$/);
  const { stdout } = await it.narrows(['db', 'roles', '--sql']);
  assert.equal(stdout.trim(), rolesScript().trim());
});

test('only migrate makes the tables of a database of your own; the owner alone may', async () => {
  const admin = connectTo(database.url, 1);
  await admin.unsafe(rolesScript());
  for (const args of [
    ['data', 'ls'],
    ['sweep', 'ls'],
    ['worker', '--role', 'trainer'],
  ]) {
    const refused = await runAs('owner', args);
    const { error } = JSON.parse(refused.stderr.trim().split('\n').at(-1) ?? '');
    assert.deepEqual([refused.code, error.code], [1, 'database-outdated'], args.join(' '));
    assert.match(error.fix, /narrows migrate/);
  }
  assert.equal((await admin`select from pg_tables where schemaname = 'public'`).length, 0);
  await admin.end();
  const early = await runAs('worker', ['migrate']);
  assert.deepEqual([early.code, JSON.parse(early.stderr).error.code], [1, 'migration-failed']);

  const names = readJournal().map(({ tag }) => tag);
  const planned = await runAs('worker', ['migrate', '--dry-run']);
  assert.deepEqual([planned.code, JSON.parse(planned.stdout).pending, JSON.parse(planned.stdout).applied], [0, names, []]);
  const made = await runAs('owner', ['migrate']);
  assert.deepEqual([made.code, JSON.parse(made.stdout).applied, JSON.parse(made.stdout).pending], [0, names, []], made.stderr);
  assert.deepEqual(JSON.parse((await runAs('owner', ['migrate'])).stdout).applied, []);
  const late = await runAs('worker', ['migrate']);
  assert.deepEqual([late.code, JSON.parse(late.stderr).error.code], [2, 'not-owner']);
});

test('Ctrl-C ends a migration that waits for a lock', async () => {
  const holder = connectTo(database.url, 1);
  await holder`select pg_advisory_lock(7266979)`;
  const variables = { NARROWS_DATABASE_URL: urlFor(database.url, 'owner'), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { code, stderr } = await it.narrows(['migrate'], { variables, signal: 'SIGINT', after: /waiting for locks of process/ });
  assert.deepEqual([code, /interrupted/.test(stderr)], [130, true], stderr);
  const blocked = await it.narrows(['migrate', '--lock-timeout', '1s', '--output', 'json'], { variables });
  assert.equal(blocked.code, 1);
  assert.equal(JSON.parse(blocked.stderr.trim().split('\n').at(-1) ?? '').error.code, 'database-locked', blocked.stderr);
  // Commands that only work with the tables wait for no lock.
  assert.equal((await runAs('owner', ['data', 'ls'])).code, 0);
  await holder.end();
});

test('Ctrl-C ends a command whose query waits for a lock', async () => {
  const holder = connectTo(database.url, 1);
  const interrupt = new AbortController();
  await holder.begin(async (transaction) => {
    await transaction`lock table sweeps in access exclusive mode`;
    const variables = { NARROWS_DATABASE_URL: urlFor(database.url, 'owner'), TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const listing = it.narrows(['sweep', 'ls'], { variables, interrupt: interrupt.signal });
    const isWaiting = async () =>
      (await transaction`select from pg_locks where relation = 'sweeps'::regclass and not granted`).length > 0;
    await until(isWaiting, 'the query waits');
    interrupt.abort();
    assert.equal((await listing).code, 130);
  });
  await holder.end();
});

test('the role for readers reads results', async () => {
  const listed = await runAs('read', ['data', 'ls']);
  assert.deepEqual([listed.code, JSON.parse(listed.stdout)], [0, []], listed.stderr);
});
