/** Buckets that have lost their objects, and belong to nobody. */
import { requireBlobLocation } from '../../db/blob-location.ts';
import type { Database } from '../../db/client.ts';
import { claimObjects, createObjectBlobs } from '../../db/object-blobs.ts';
import type { ObjectStore } from '../../db/objects/store.ts';
import { hasUnknownBlobs } from '../../db/queries/lifecycle/blob-moves.ts';
import { NarrowsError } from '../../errors.ts';

/**
 * Makes the location of this installation's arrays its own again; returns false where it was.
 * Throws NarrowsError `blobs-elsewhere` for another location than the database records,
 * `blobs-taken` where it has arrays of others, and those of ObjectStore.
 */
export async function claimBlobs({ sql }: Pick<Database, 'sql'>, objects: ObjectStore): Promise<boolean> {
  await requireBlobLocation(sql, objects.location);
  // Once it is claimed, the next removal would take what has no row for its own, and delete it.
  for await (const block of createObjectBlobs(sql, objects, null).list()) {
    if (!(await hasUnknownBlobs(sql, block))) continue;
    throw new NarrowsError(
      'blobs-taken',
      `${objects.location} at ${objects.address} has arrays that this installation does not know`,
      {
        path: 'NARROWS_BLOBS',
        fix: 'check the address of the store; name another bucket, or a folder of its own: s3://bucket/folder',
        kind: 'failure',
      },
    );
  }
  return claimObjects(sql, objects);
}
