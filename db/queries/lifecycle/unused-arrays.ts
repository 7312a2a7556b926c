/** Arrays of datasets that no version refers to any more. */
import type { InstallationBlobs, StoredBlob } from '../../blobs.ts';
import type { Queryable, Sql } from '../../client.ts';
import { ARRAYS_LOCK, hashesIn } from './arrays.ts';

export interface DeletedArrays {
  readonly arrays: number;
  readonly bytes: number;
  /** False where a writer held the lock: a later call deletes the rest. */
  readonly isComplete: boolean;
}

/** Selects the arrays that no version refers to. */
const unusedArrays = (sql: Queryable) => sql`
  with used as materialized (select distinct hash #>> '{}' as sha256 from dataset_versions, ${hashesIn(sql)} as hash)
  select sha256, bytes from blobs where sha256 not in (select sha256 from used)`;

export interface UnusedArrays {
  readonly arrays: number;
  readonly bytes: number;
}

/** Measures what deleteUnusedArrays would delete. */
export async function measureUnusedArrays(sql: Queryable): Promise<UnusedArrays> {
  const [row] = await sql<[UnusedArrays]>`
    select count(*)::int as arrays, coalesce(sum(bytes), 0)::float8 as bytes from (${unusedArrays(sql)}) as unused`;
  return row;
}

/**
 * Adds the rows that blobs in a bucket lack, such as those that were stored after the backup from
 * which the database was restored: from then on they count as unused. Throws the NarrowsErrors of
 * InstallationBlobs.check: the blobs of another installation are no strays.
 */
export async function registerStrays(sql: Queryable, blobs: Pick<InstallationBlobs, 'check' | 'list'>): Promise<void> {
  await blobs.check();
  for await (const block of blobs.list()) {
    if (block.length === 0) continue;
    await sql`
      insert into blobs (sha256, bytes)
      select * from unnest(${block.map(({ sha256 }) => sha256)}::text[], ${block.map(({ bytes }) => bytes)}::bigint[])
      order by 1 on conflict do nothing`;
  }
}

/** Measures what registerStrays would add. Throws as it does. */
export async function measureStrays(sql: Queryable, blobs: Pick<InstallationBlobs, 'check' | 'list'>): Promise<UnusedArrays> {
  await blobs.check();
  const total = { arrays: 0, bytes: 0 };
  for await (const block of blobs.list()) {
    const known = await sql<{ sha256: string }[]>`
      select sha256 from blobs where sha256 = any(${block.map(({ sha256 }) => sha256)}::text[])`;
    const hashes = new Set(known.map(({ sha256 }) => sha256));
    for (const { sha256, bytes } of block) {
      if (hashes.has(sha256)) continue;
      total.arrays += 1;
      total.bytes += bytes;
    }
  }
  return total;
}

/** Arrays per transaction, for which new writers wait. */
const BATCH_ARRAYS = 16;

/** Objects that are deleted before the transaction has to show that it still holds the lock. */
const GROUP_OBJECTS = 8;

/**
 * Deletes arrays that no version refers to, rows and objects in one transaction: a writer of one of
 * them waits, and stores it again. A description refers to arrays by their hashes. Throws the
 * NarrowsErrors of InstallationBlobs.check before anything is deleted.
 */
export async function deleteUnusedArrays(sql: Sql, blobs: Pick<InstallationBlobs, 'check' | 'discard'>): Promise<DeletedArrays> {
  const total = { arrays: 0, bytes: 0 };
  for (;;) {
    const gone = await sql.begin(async (transaction) => {
      const [lock] = await transaction.unsafe<{ isHeld: boolean }[]>(
        `select pg_try_advisory_xact_lock(${ARRAYS_LOCK}) as "isHeld"`,
      );
      if (!lock?.isHeld) return null;
      // The location does not change while the lock is held.
      await blobs.check();
      const rows = await transaction<StoredBlob[]>`
        with unused as (${unusedArrays(transaction)} order by sha256 limit ${BATCH_ARRAYS})
        delete from blobs where sha256 in (select sha256 from unused) returning sha256, bytes::float8 as bytes`;
      const hashes = rows.map(({ sha256 }) => sha256);
      for (let at = 0; at < hashes.length; at += GROUP_OBJECTS) {
        // Fails where the connection was lost, and the lock with it.
        await transaction`select 1`;
        await blobs.discard(hashes.slice(at, at + GROUP_OBJECTS));
      }
      return rows;
    });
    if (gone === null) return { ...total, isComplete: false };
    total.arrays += gone.length;
    total.bytes += gone.reduce((sum, { bytes }) => sum + bytes, 0);
    if (gone.length < BATCH_ARRAYS) return { ...total, isComplete: true };
  }
}
