/** Blobs on the way from one location to another. */
import { type BlobLocation, recordBlobLocation } from '../../blob-location.ts';
import { type BlobContent, type StoredBlob, storeParts } from '../../blobs.ts';
import type { Queryable, Sql } from '../../client.ts';
import { holdTransaction } from '../../held-transactions.ts';
import { KEEP_WRITERS_OUT } from './arrays.ts';

/** Lists all blobs by their rows. */
export const listBlobs = (sql: Queryable) => sql<StoredBlob[]>`select sha256, bytes::float8 as bytes from blobs order by sha256`;

/** Lists the blobs whose bytes are in Postgres, with their sizes. */
export const listBlobsInParts = (sql: Queryable) =>
  sql<StoredBlob[]>`
    select sha256, sum(octet_length(bytes))::float8 as bytes from blob_parts group by sha256
    union all select sha256, 0 from blobs where bytes = 0 order by 1`;

/** Whether any of these blobs has no row. */
export async function hasUnknownBlobs(sql: Queryable, blobs: readonly StoredBlob[]): Promise<boolean> {
  const hashes = blobs.map(({ sha256 }) => sha256);
  const [row] = await sql<[{ known: number }]>`select count(*)::int as known from blobs where sha256 = any(${hashes}::text[])`;
  return row.known < hashes.length;
}

/** Stores a blob in Postgres, wherever the location of the installation is. */
export const storeInParts = (sql: Sql, content: BlobContent): Promise<void> =>
  sql.begin((transaction) => storeParts(sql, transaction, content)) as Promise<void>;

/**
 * Records another location after work that copies what is missing there, while nobody stores
 * arrays. Waits for writers at work.
 */
export async function switchLocation(sql: Sql, location: BlobLocation, copyRest: () => Promise<void>): Promise<void> {
  await holdTransaction(sql, async (transaction) => {
    await transaction.unsafe(KEEP_WRITERS_OUT);
    await copyRest();
    await recordBlobLocation(transaction, location);
  });
}

/** Blobs per transaction. */
const BATCH_BLOBS = 16;

/** Deletes the bytes of blobs that a bucket has; returns the number of parts. */
export async function deleteParts(sql: Sql): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { count } = await sql`
      delete from blob_parts where sha256 in (select distinct sha256 from blob_parts order by sha256 limit ${BATCH_BLOBS})
        and (select blobs from installation) is not null`;
    if (count === 0) return deleted;
    deleted += count;
  }
}
