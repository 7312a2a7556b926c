/** Where the blobs of an installation are, which its database records: one place for all. */
import { NarrowsError } from '../errors.ts';
import type { Queryable } from './client.ts';

/** 's3://bucket/prefix'; null: in the database itself. */
export type BlobLocation = string | null;

export const describeLocation = (location: BlobLocation): string => location ?? 'Postgres';

export async function readBlobLocation(sql: Queryable): Promise<BlobLocation> {
  const [row] = await sql<[{ blobs: string | null }]>`select blobs from installation`;
  return row.blobs;
}

/**
 * Throws NarrowsError `blobs-elsewhere` where the blobs are not in the location of this process's
 * settings.
 */
export async function requireBlobLocation(sql: Queryable, own: BlobLocation): Promise<void> {
  const recorded = await readBlobLocation(sql);
  if (recorded === own) return;
  const [here, there] = [describeLocation(own), describeLocation(recorded)];
  const move = own === null ? 'narrows blobs move postgres' : `narrows blobs move ${own}`;
  throw new NarrowsError('blobs-elsewhere', `the blobs of this installation are in ${there}, not in ${here}`, {
    path: 'NARROWS_BLOBS',
    fix: `${recorded === null ? 'unset NARROWS_BLOBS' : `set NARROWS_BLOBS=${recorded}`}, or move them: "${move}"`,
    kind: 'unreachable',
  });
}

/** Records the location. Only the owner of the tables may. */
export async function recordBlobLocation(sql: Queryable, location: BlobLocation): Promise<void> {
  await sql`update installation set blobs = ${location}`;
}

/** Whether no location is recorded, and no blob has been stored. */
export async function isWithoutBlobs(sql: Queryable): Promise<boolean> {
  const [row] = await sql<[{ isNew: boolean }]>`
    select blobs is null and not exists (select from blobs) as "isNew" from installation`;
  return row.isNew;
}
