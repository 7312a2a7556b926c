/** Databases for tests, on a shared Postgres. */
import { randomBytes } from 'node:crypto';
import { createBlobStore } from '../../db/blobs.ts';
import { connectTo, type Database, openDatabase } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import type { DatabaseRole } from '../../db/roles.ts';
import { loginAs } from '../../infra/postgres/roles.ts';
import { ROLE_PASSWORD, type SharedPostgres, startSharedPostgres } from '../support/runner/servers.ts';

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/** Creates an empty database. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return createDatabase(await testServer(), null);
}

/** Creates a migrated database without a connection. */
export async function closedDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const database = await createDatabase(server, server.template);
  if (server.template === null) await migrate(database.url);
  return database;
}

/** Returns the URL of a database for one of the roles that the shared server has. */
export const urlFor = (url: string, role: DatabaseRole): string => loginAs(url, role, ROLE_PASSWORD);

/** A database with the tables of this code. */
export async function migratedDatabase(): Promise<Database> {
  const { url, close } = await closedDatabase();
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

/** A database with its blobs, without copies of them on this machine. */
export const storageOf = <D extends Database>(db: D) => ({ db, blobs: createBlobStore(db.sql, null) });

async function createDatabase(server: SharedPostgres, template: string | null): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = connectTo(server.url, 1);
  await admin.unsafe(`create database ${name}${template === null ? '' : ` template ${template}`}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  if (template !== null) await redrawIdentity(url.href);
  return {
    url: url.href,
    async close() {
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
      await server.stop();
    },
  };
}

/** Gives a copied database an identity of its own. */
async function redrawIdentity(url: string): Promise<void> {
  const sql = connectTo(url, 1);
  await sql`update installation set identity = ${randomBytes(6).toString('hex')}`;
  await sql.end();
}

/**
 * Returns the server that test/run.ts started or NARROWS_TEST_DATABASE_URL names, else a new one.
 */
async function testServer(): Promise<SharedPostgres> {
  const { NARROWS_TEST_DATABASE_URL: url, NARROWS_TEST_TEMPLATE: template = null } = process.env;
  return url ? { url, template, stop: async () => {} } : startSharedPostgres();
}
