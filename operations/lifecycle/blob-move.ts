/** Blobs moved from Postgres into a bucket, or back. */
import { type BlobLocation, describeLocation, readBlobLocation } from '../../db/blob-location.ts';
import { createBlobStore, type InstallationBlobs, type StoredBlob } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { claimObjects, createObjectBlobs, releaseObjects, storeObject } from '../../db/object-blobs.ts';
import type { ObjectStore } from '../../db/objects/store.ts';
import { deleteParts, listBlobs, listBlobsInParts, storeInParts, switchLocation } from '../../db/queries/lifecycle/blob-moves.ts';
import { vacuumTables } from '../../db/queries/lifecycle/space.ts';
import { deleteUnusedArrays } from '../../db/queries/lifecycle/unused-arrays.ts';
import { NarrowsError } from '../../errors.ts';

export interface BlobTotals {
  readonly location: BlobLocation;
  readonly blobs: number;
  readonly bytes: number;
}

/** Measures the blobs of the installation, by their rows. */
export async function measureBlobs({ sql }: Pick<Database, 'sql'>): Promise<BlobTotals> {
  const [location, blobs] = await Promise.all([readBlobLocation(sql), listBlobs(sql)]);
  return { location, blobs: blobs.length, bytes: bytesOf(blobs) };
}

export interface BlobMove {
  readonly from: BlobLocation;
  readonly to: BlobLocation;
  readonly blobs: number;
  readonly bytes: number;
  /** Number of blobs that this call copied; earlier ones copied the rest. */
  readonly copied: number;
}

export interface MoveOptions {
  readonly signal: AbortSignal;
  /** Called before each blob that is copied. */
  readonly onProgress?: (done: number, of: number) => void;
}

const bytesOf = (blobs: readonly StoredBlob[]): number => blobs.reduce((sum, { bytes }) => sum + bytes, 0);

/**
 * Copies all blobs to the target, makes it their location, and deletes them where they were.
 * `objects`: the bucket of the target, else of the present location; null where there is none. May
 * be repeated: what an interrupted call has copied is not copied again. Throws NarrowsError
 * `move-unsupported` from one bucket to another, `dataset-corrupt` for a damaged blob,
 * `blobs-taken`, and those of ObjectStore.
 */
export async function moveBlobs(
  db: Database,
  objects: ObjectStore | null,
  target: BlobLocation,
  options: MoveOptions,
): Promise<BlobMove> {
  const { sql } = db;
  const from = await readBlobLocation(sql);
  if (from !== null && target !== null && from !== target) {
    throw new NarrowsError('move-unsupported', `blobs are not moved from ${from} to ${target} directly`, {
      path: 'location',
      fix: 'move them to postgres first: "narrows blobs move postgres"',
    });
  }
  if (objects === null || (from === null && target === null)) return { from, to: target, blobs: 0, bytes: 0, copied: 0 };
  const inPostgres = createBlobStore(sql, null);
  const inBucket = createObjectBlobs(sql, objects, null);
  if (target !== null && from !== target) await claimObjects(sql, objects);
  else if (from !== null) await inBucket.check();
  const copy =
    target === null
      ? (blob: StoredBlob) => storeInParts(sql, { ...blob, pieces: inBucket.uncached.pieces(blob.sha256) })
      : (blob: StoredBlob) => storeObject(objects, { ...blob, pieces: inPostgres.uncached.pieces(blob.sha256) });
  let copied = 0;
  const copyMissing = async () => {
    const missing = await listMissing(db, inBucket, target);
    for (const [done, blob] of missing.entries()) {
      options.signal.throwIfAborted();
      options.onProgress?.(done, missing.length);
      await copy(blob);
      copied += 1;
    }
  };
  if (from !== target) {
    // What nothing refers to is not worth a copy.
    await deleteUnusedArrays(sql, from === null ? inPostgres : inBucket);
    await copyMissing();
    // Imports at work are waited for; what they have stored meanwhile is copied while none begins.
    await switchLocation(sql, target, copyMissing);
  }
  const blobs = await listBlobs(sql);
  await clear(db, inBucket, objects, target);
  return { from, to: target, blobs: blobs.length, bytes: bytesOf(blobs), copied };
}

/** Lists the blobs that the target lacks. */
async function listMissing({ sql }: Database, inBucket: InstallationBlobs, target: BlobLocation): Promise<StoredBlob[]> {
  const stored = new Map<string, number>();
  if (target === null) for (const { sha256, bytes } of await listBlobsInParts(sql)) stored.set(sha256, bytes);
  else for await (const block of inBucket.list()) for (const { sha256, bytes } of block) stored.set(sha256, bytes);
  return (await listBlobs(sql)).filter(({ sha256, bytes }) => stored.get(sha256) !== bytes);
}

/** Deletes the blobs that another location has now. */
async function clear(
  { sql }: Database,
  inBucket: InstallationBlobs,
  objects: ObjectStore,
  location: BlobLocation,
): Promise<void> {
  if (location !== null) {
    if ((await deleteParts(sql)) > 0) await vacuumTables(sql);
    return;
  }
  // Objects of others may be below the same prefix.
  for await (const block of inBucket.list()) await inBucket.discard(block.map(({ sha256 }) => sha256));
  await releaseObjects(objects);
}

/** Says where blobs are and go. */
export const describeMove = (from: BlobLocation, to: BlobLocation): string =>
  `from ${describeLocation(from)} to ${describeLocation(to)}`;
