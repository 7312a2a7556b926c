/** Migrates a database to the schema of this code, safely for concurrent processes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NarrowsError } from '../errors.ts';
import { type Database, mapUnreachable, openDatabase, type Sql } from './client.ts';
import { grantRights } from './roles.ts';

const FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));

/** Key of the advisory lock, an arbitrary number: drizzle's migrator does not lock. */
const LOCK = 7_266_979;

export interface JournalEntry {
  readonly idx: number;
  /** Milliseconds since 1970. Must increase: what is later than the last applied is applied. */
  readonly when: number;
  /** Name of the migration's file, without '.sql'. */
  readonly tag: string;
}

export function readJournal(): readonly JournalEntry[] {
  return (JSON.parse(readFileSync(`${FOLDER}/meta/_journal.json`, 'utf8')) as { entries: JournalEntry[] }).entries;
}

/**
 * Applies pending migrations in one transaction, and grants the roles their rights; concurrent
 * calls wait for the first. Does nothing where none is pending, and where the user may not see
 * which are. Throws NarrowsError `database-unreachable`, `database-newer` where a later version of
 * narrows migrated the database, `migration-failed`.
 */
export async function migrate(url: string): Promise<void> {
  // drizzle modifies its client: it gets its own, whose single connection also holds the lock.
  const database = await openDatabase(url, { max: 1 });
  try {
    await mapUnreachable(database, applyMissing(database));
  } finally {
    // The lock ends with its connection.
    await database.close();
  }
}

async function applyMissing({ sql, address }: Database): Promise<void> {
  if (await isCurrent(sql, address)) return;
  await sql`select pg_advisory_lock(${LOCK})`;
  if (await isCurrent(sql, address)) return;
  try {
    await applyPending(sql);
  } catch (error) {
    // drizzle wraps the server's error.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new NarrowsError('migration-failed', `the database at ${address} cannot be brought up to date: ${message}`, {
      fix:
        'the user needs the right to create tables and schemas in an empty database of its own; ' +
        'with a role for each process, run "narrows migrate" as the owner of the tables',
      kind: 'failure',
      cause,
    });
  }
  await grantRights(sql);
}

/** Throws NarrowsError `database-newer`. */
async function isCurrent(sql: Sql, address: string): Promise<boolean> {
  const known = Math.max(...readJournal().map(({ when }) => when));
  const applied = await readLastApplied(sql);
  if (applied !== null && applied > known) {
    throw new NarrowsError('database-newer', `the database at ${address} was made by a newer narrows`, {
      fix: 'update narrows, or use another database',
      kind: 'failure',
    });
  }
  return applied === null || applied === known;
}

/** Loads drizzle only here: it takes 0.3 s, and most commands have nothing to migrate. */
async function applyPending(sql: Sql): Promise<void> {
  const [{ drizzle }, { migrate: applyMigrations }] = await Promise.all([
    import('drizzle-orm/postgres-js'),
    import('drizzle-orm/postgres-js/migrator'),
  ]);
  await applyMigrations(drizzle(sql), { migrationsFolder: FOLDER });
}

/** Returns `when` of the newest applied migration, 0 = none; null if this user may not read it. */
async function readLastApplied(sql: Sql): Promise<number | null> {
  const [table] = await sql<{ isReadable: boolean }[]>`
    select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as "isReadable"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'drizzle' and c.relname = '__drizzle_migrations'`;
  if (!table) return 0;
  if (!table.isReadable) return null;
  const [newest] = await sql`select coalesce(max(created_at), 0)::float8 as at from drizzle.__drizzle_migrations`;
  return Number(newest?.at);
}
