/** Brings a database up to this code's schema; safe for any number of processes at once. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { NarrowsError } from '../infra/errors.ts';
import { addressOf, unreachable } from './client.ts';

const FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));

/** Any number that nobody else uses: drizzle's migrator has no lock of its own. */
const LOCK = 7_266_979;

export interface JournalEntry {
  readonly idx: number;
  readonly when: number;
  readonly tag: string;
}

export function journal(): readonly JournalEntry[] {
  return (JSON.parse(readFileSync(`${FOLDER}/meta/_journal.json`, 'utf8')) as { entries: JournalEntry[] }).entries;
}

/** Throws NarrowsError `database-unreachable`, or `database-newer` where a later narrows has been here. */
export async function migrate(url: string): Promise<void> {
  // drizzle changes the client that it is given: this one is its own, of a single connection, which the lock needs too.
  const client = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await client`select pg_advisory_lock(${LOCK})`.catch((error: unknown) => {
      throw unreachable(addressOf(url), error);
    });
    const known = Math.max(...journal().map(({ when }) => when));
    const [table] = await client`select to_regclass('drizzle.__drizzle_migrations') is not null as present`;
    if (table?.present) {
      const [newest] = await client`select max(created_at)::float8 as at from drizzle.__drizzle_migrations`;
      if (Number(newest?.at ?? 0) > known) {
        throw new NarrowsError('database-newer', `the database at ${addressOf(url)} was made by a newer narrows`, {
          fix: 'update narrows, or use another database',
        });
      }
    }
    await applyMigrations(drizzle(client), { migrationsFolder: FOLDER });
  } finally {
    await client.end({ timeout: 5 });
  }
}
