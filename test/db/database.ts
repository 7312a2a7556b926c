import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo, type Database, openDatabase } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { openHome } from '../../infra/home.ts';
import { preparePostgres, startPostgres } from '../../infra/postgres/server.ts';
import { openLog } from '../../infra/processes/rotating-log.ts';

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/** An empty database on a Postgres of its own; `NARROWS_TEST_DATABASE_URL` names a server to make it on instead. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = connectTo(server.url, 1);
  await admin.unsafe(`create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async close() {
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
      await server.close();
    },
  };
}

/** A database with the tables of this code. */
export async function migratedDatabase(): Promise<Database> {
  const { url, close } = await emptyDatabase();
  await migrate(url);
  const { sql, address, close: disconnect } = await openDatabase(url, { max: 8 });
  return {
    sql,
    address,
    async close() {
      await disconnect();
      await close();
    },
  };
}

async function testServer(): Promise<TestDatabase> {
  const given = process.env.NARROWS_TEST_DATABASE_URL;
  if (given) return { url: given, close: async () => {} };
  const home = openHome(mkdtempSync(join(tmpdir(), 'narrows-db-')));
  await preparePostgres(home);
  const { url, child } = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
  const admin = connectTo(url, 1);
  // What these tests write need not outlive a power cut.
  await admin`alter system set fsync = off`;
  await admin`select pg_reload_conf()`;
  await admin.end();
  return {
    url,
    async close() {
      // Nobody reads the cluster again: no checkpoint first.
      await child.stop([
        ['SIGQUIT', 5000],
        ['SIGKILL', 2000],
      ]);
      rmSync(home.directory, { recursive: true, force: true });
    },
  };
}
