/** Buckets that have lost their objects, and belong to nobody. */
import { requireBlobLocation } from '../../db/blob-location.ts';
import type { Database } from '../../db/client.ts';
import { claimObjects } from '../../db/object-blobs.ts';
import type { ObjectStore } from '../../db/objects/store.ts';

/**
 * Makes the location of this installation's arrays its own again; returns false where it was.
 * Throws NarrowsError `blobs-elsewhere` for another location than the database records,
 * `blobs-taken`, and those of ObjectStore.
 */
export async function claimBlobs({ sql }: Pick<Database, 'sql'>, objects: ObjectStore): Promise<boolean> {
  await requireBlobLocation(sql, objects.location);
  return claimObjects(sql, objects);
}
