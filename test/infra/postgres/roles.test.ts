import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectTo } from '../../../db/client.ts';
import { migrate } from '../../../db/migrate.ts';
import { DATABASE_ROLES } from '../../../db/roles.ts';
import { openHome } from '../../../infra/home.ts';
import { prepareRoles } from '../../../infra/postgres/roles.ts';
import { POSTGRES_SHUTDOWN, preparePostgres, startPostgres } from '../../../infra/postgres/server.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { temporaryFolder } from '../folders.ts';

test('a cluster of an earlier version gets roles, and keeps its data', async (t) => {
  const folder = temporaryFolder(t);
  const home = openHome(join(folder, 'home'));
  await preparePostgres(home, { userCache: join(folder, 'cache') });
  const { url, child } = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
  t.after(() => child.stop(POSTGRES_SHUTDOWN));
  // Earlier versions migrated and worked as the superuser.
  await migrate(url);
  const superuser = connectTo(url, 1);
  t.after(() => superuser.end());
  await superuser`insert into dataset_versions (name, version, description) values ('water', repeat('a', 64), '{}')`;

  const urls = await prepareRoles(home, url);
  assert.deepEqual(await prepareRoles(home, url), urls, 'the passwords are kept');
  for (const role of DATABASE_ROLES) {
    const sql = connectTo(urls[role], 1);
    assert.deepEqual([...(await sql`select name from dataset_versions`)], [{ name: 'water' }], role);
    await assert.rejects(sql`select * from pg_authid`, { code: '42501' });
    await assert.rejects(sql`create temporary table mine (n int)`, { code: '42501' });
    await sql.end();
  }
  const owners = await superuser`select distinct tableowner as owner from pg_tables where schemaname in ('public', 'drizzle')`;
  assert.deepEqual([...owners], [{ owner: 'narrows_owner' }]);
  const files = readdirSync(home.directory).filter((name) => name.endsWith('.password'));
  assert.equal(files.length, 1 + DATABASE_ROLES.length);
  for (const file of files) assert.equal(statSync(join(home.directory, file)).mode & 0o777, 0o600);
});
