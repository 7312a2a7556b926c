/** Compares the tables of a database with those of this code. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NarrowsError } from '../errors.ts';
import { type Database, mapUnreachable, openDatabase, type Queryable } from './client.ts';

export const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

export interface JournalEntry {
  readonly idx: number;
  /** Milliseconds since 1970. Must increase: what is later than the last applied is applied. */
  readonly when: number;
  /** Name of the migration's file, without '.sql'. */
  readonly tag: string;
}

export function readJournal(): readonly JournalEntry[] {
  return (JSON.parse(readFileSync(`${MIGRATIONS}/meta/_journal.json`, 'utf8')) as { entries: JournalEntry[] }).entries;
}

export interface SchemaVersion {
  /** `unknown`: the user may not read the list of migrations. */
  readonly age: 'current' | 'older' | 'newer' | 'empty' | 'unknown';
  /** Migrations of this code that the database lacks, in order. */
  readonly pending: readonly JournalEntry[];
}

/** `applied`: `when` of the newest applied migration; 0: none; null: unknown. */
export function compareVersions(applied: number | null, journal: readonly JournalEntry[]): SchemaVersion {
  if (applied === null) return { age: 'unknown', pending: [] };
  const pending = journal.filter(({ when }) => when > applied);
  if (journal.every(({ when }) => when < applied)) return { age: 'newer', pending };
  return { age: pending.length === 0 ? 'current' : applied === 0 ? 'empty' : 'older', pending };
}

/** Returns the version of the tables. Throws NarrowsError `database-newer`. */
export async function readSchemaVersion(sql: Queryable, address: string): Promise<SchemaVersion> {
  const version = compareVersions(await readLastApplied(sql), readJournal());
  if (version.age !== 'newer') return version;
  throw new NarrowsError('database-newer', `the database at ${address} was made by a newer narrows`, {
    fix: 'update narrows, or use another database',
    kind: 'failure',
  });
}

/** Returns the migrations of this code that the database lacks, in order. */
export const findPending = async (sql: Queryable): Promise<readonly JournalEntry[]> =>
  compareVersions(await readLastApplied(sql), readJournal()).pending;

/** Returns `when` of the newest applied migration, 0 = none; null if this user may not read it. */
async function readLastApplied(sql: Queryable): Promise<number | null> {
  const [table] = await sql<{ isReadable: boolean }[]>`
    select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as "isReadable"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'drizzle' and c.relname = '__drizzle_migrations'`;
  if (!table) return 0;
  if (!table.isReadable) return null;
  const [newest] = await sql`select coalesce(max(created_at), 0)::float8 as at from drizzle.__drizzle_migrations`;
  return Number(newest?.at);
}

/**
 * Opens a database with the tables of this code. Throws as openDatabase does, and NarrowsError
 * `database-outdated`, `database-newer`.
 */
export async function openCurrentDatabase(url: string, options: Parameters<typeof openDatabase>[1] = {}): Promise<Database> {
  const database = await openDatabase(url, options);
  try {
    await mapUnreachable(database, requireCurrent(database));
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function requireCurrent({ sql, address }: Database): Promise<void> {
  const { age, pending } = await readSchemaVersion(sql, address);
  if (pending.length > 0) throw outdatedError(address, age === 'empty', pending);
}

function outdatedError(address: string, isEmpty: boolean, pending: readonly JournalEntry[]): NarrowsError {
  if (isEmpty) {
    return new NarrowsError('database-outdated', `the database at ${address} has no tables of narrows yet`, {
      path: 'NARROWS_DATABASE_URL',
      fix: 'make them with "narrows migrate", as the user who is to own them',
      kind: 'failure',
    });
  }
  const names = pending.map(({ tag }) => tag).join(', ');
  return new NarrowsError('database-outdated', `the database at ${address} was made by an older narrows: it lacks ${names}`, {
    path: 'NARROWS_DATABASE_URL',
    fix:
      'update it with "narrows migrate", as the owner of its tables ("--dry-run" shows what that changes); ' +
      'workers and dashboards of the older version do not start again afterwards',
    kind: 'failure',
  });
}
