/** Migrates a database to the schema of this code, safely for concurrent processes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { NarrowsError } from '../errors.ts';
import { connectTo, type Database, isUnreachableCode, mapUnreachable, openDatabase, type Queryable, type Sql } from './client.ts';
import { grantRights } from './roles.ts';
import { type JournalEntry, MIGRATIONS, readSchemaVersion, type SchemaVersion } from './schema-version.ts';

/** Key of the advisory lock, an arbitrary number. Earlier versions hold it for their session. */
const LOCK = 7_266_979;

/** A migration of another process takes seconds; a transaction left open lasts for ever. */
const LOCK_SECONDS = 30;

/** Time before the processes that are waited for are looked up. */
const LOOK_MS = 1000;
/** Time that a request to end a statement may take. */
const CANCEL_MS = 2000;

export interface MigrateOptions {
  /** Grants the roles their rights also where no migration is pending. */
  readonly regrant?: boolean | undefined;
  /** Maximum wait for locks of other processes. */
  readonly lockSeconds?: number | undefined;
  /** Receives what is waited for. */
  readonly note?: ((text: string) => void) | undefined;
  /** Aborting it ends the migration without a trace, and throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns the migrations that `migrate` would apply, and changes nothing. Throws as it does. */
export async function listPending(url: string): Promise<readonly JournalEntry[]> {
  const database = await openDatabase(url, { max: 1 });
  try {
    return (await mapUnreachable(database, readSchemaVersion(database.sql, database.address))).pending;
  } finally {
    await database.close();
  }
}

/**
 * Applies pending migrations in one transaction, which also holds the lock: concurrent calls wait
 * for the first, and a pooler has nothing to keep. Then grants the roles their rights. Does nothing
 * where none is pending, and where the user may not see which are. Returns what it applied. Throws
 * NarrowsError `database-unreachable`, `database-locked`, `migration-failed`, `not-owner`, and
 * `database-newer` where a later version of narrows migrated the database.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<readonly JournalEntry[]> {
  const database = await openDatabase(url, { max: 1 });
  try {
    return await mapUnreachable(database, applyMissing(database, url, options));
  } finally {
    await database.close();
  }
}

async function applyMissing(database: Database, url: string, options: MigrateOptions): Promise<readonly JournalEntry[]> {
  const { sql, address } = database;
  // Without a lock: most calls have nothing to do.
  const { pending } = await readSchemaVersion(sql, address);
  if (pending.length === 0 && options.regrant !== true) return [];
  return applyLocked(database, url, options);
}

async function applyLocked(
  { sql, address }: Database,
  url: string,
  { lockSeconds = LOCK_SECONDS, note = () => {}, signal }: MigrateOptions,
): Promise<readonly JournalEntry[]> {
  const observer = connectTo(url, 1, { failFast: true });
  const ended = new AbortController();
  let blockers = '';
  const migrating = sql.begin(async (transaction) => {
    const [{ pid }] = await transaction<[{ pid: number }]>`select pg_backend_pid() as pid`;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => void observer`select pg_cancel_backend(${pid})`.catch(() => {}), {
      signal: ended.signal,
    });
    const look = async () => {
      await setTimeout(Math.min(LOOK_MS, lockSeconds * 500), undefined, { signal: ended.signal });
      blockers = await describeBlockers(observer, pid);
      if (blockers !== '') note(`waiting for locks of ${blockers}`);
    };
    look().catch(() => {});
    await transaction`select set_config('lock_timeout', ${String(Math.max(1, Math.round(lockSeconds * 1000)))}, true)`;
    await transaction`select pg_advisory_xact_lock(${LOCK})`;
    const version = await readSchemaVersion(transaction, address);
    await apply(transaction, version);
    await grantRights(transaction);
    return version.pending;
  });
  try {
    return await (signal ? Promise.race([migrating, abandoned(signal, ended.signal)]) : migrating);
  } catch (error) {
    signal?.throwIfAborted();
    throw migrationError(error, address, lockSeconds, blockers);
  } finally {
    ended.abort();
    migrating.catch(() => {});
    await observer.end({ timeout: 0 });
  }
}

/** Rejects when the server has had time to end the statement that the signal cancelled. */
async function abandoned(signal: AbortSignal, ended: AbortSignal): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true, signal: ended }));
  await setTimeout(CANCEL_MS, undefined, { signal: ended }).catch(() => {});
  throw signal.reason;
}

/** Applies what is pending, and records it as drizzle does, which generates the files. */
async function apply(transaction: Queryable, { age, pending }: SchemaVersion): Promise<void> {
  if (age === 'empty') {
    await transaction`create schema if not exists drizzle`;
    await transaction`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  }
  for (const { tag, when } of pending) {
    const text = readFileSync(`${MIGRATIONS}/${tag}.sql`, 'utf8');
    for (const statement of text.split('--> statement-breakpoint')) await transaction.unsafe(statement);
    const hash = createHash('sha256').update(text).digest('hex');
    await transaction`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`;
  }
}

/** Names the processes that this backend waits for; empty where it waits for none. */
async function describeBlockers(observer: Sql, pid: number): Promise<string> {
  const rows = await observer<{ pid: number; name: string | null; user: string | null; state: string | null }[]>`
    select pid, application_name as name, usename as user, state from pg_stat_activity where pid = any(pg_blocking_pids(${pid})) order by pid`;
  return rows
    .map(({ pid, name, user, state }) => `process ${pid} (${[name, user, state].filter((text) => text).join(', ')})`)
    .join(' and ');
}

/** SQLSTATE of a lock that was not granted in time. */
const LOCK_TIMED_OUT = '55P03';

function migrationError(error: unknown, address: string, lockSeconds: number, blockers: string): unknown {
  if (error instanceof NarrowsError) return error;
  const { code, message } = error as Error & { code?: string };
  if (code === LOCK_TIMED_OUT) {
    const holders = blockers === '' ? 'other processes of this database' : `${blockers} of Postgres`;
    return new NarrowsError(
      'database-locked',
      `the database at ${address} cannot be migrated: ${holders} held locks for ${lockSeconds} s`,
      {
        fix: 'wait until it has ended, or end it with "select pg_terminate_backend(PROCESS)"; then repeat "narrows migrate"',
        kind: 'failure',
        cause: error,
      },
    );
  }
  // An outage keeps its own error.
  if (code === undefined || isUnreachableCode(code)) return error;
  return new NarrowsError('migration-failed', `the database at ${address} cannot be brought up to date: ${message}`, {
    fix:
      'the user needs the right to create tables and schemas in an empty database of its own; ' +
      'with a role for each process, run "narrows migrate" as the owner of the tables',
    kind: 'failure',
    cause: error,
  });
}
