import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectTo } from '../../../db/client.ts';
import { DATABASE_ROLES, type DatabaseRole, roleName, rolesScript } from '../../../db/roles.ts';
import { emptyDatabase, type TestDatabase, urlFor } from '../../db/database.ts';
import { type Project, project } from '../../support/command.ts';

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

test('migrate makes the tables and grants the rights; only the owner may', async () => {
  const admin = connectTo(database.url, 1);
  await admin.unsafe(rolesScript());
  await admin.end();
  const early = await runAs('worker', ['migrate']);
  assert.deepEqual([early.code, JSON.parse(early.stderr).error.code], [1, 'migration-failed']);
  assert.equal((await runAs('owner', ['migrate'])).code, 0);
  const late = await runAs('worker', ['migrate']);
  assert.deepEqual([late.code, JSON.parse(late.stderr).error.code], [2, 'not-owner']);
});

test('the role for readers reads results', async () => {
  const listed = await runAs('read', ['data', 'ls']);
  assert.deepEqual([listed.code, JSON.parse(listed.stdout)], [0, []], listed.stderr);
});
