/** The store of blobs that the environment names, with its cache in the home folder. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type BlobCache, createBlobCache } from '../db/blob-cache.ts';
import { type BlobLocation, isWithoutBlobs, recordBlobLocation } from '../db/blob-location.ts';
import { createBlobStore, type InstallationBlobs } from '../db/blobs.ts';
import { connectTo, type Sql } from '../db/client.ts';
import { claimObjects, createObjectBlobs, tryObjects } from '../db/object-blobs.ts';
import { createS3Store } from '../db/objects/s3.ts';
import { type ObjectStore, parseLocation } from '../db/objects/store.ts';
import { NarrowsError } from '../errors.ts';
import { readBlobSettings, readCacheLimit } from './env.ts';
import { resolveHome } from './home.ts';

/** Returns the folder of the cache. */
export const blobCacheFolder = (home: string): string => join(resolveHome(home).cache, 'blobs');

/** Returns the cache, within the limit that the environment sets; `warn` receives its faults. */
const openBlobCache = (home: string, warn: (text: string) => void): BlobCache =>
  createBlobCache({ directory: blobCacheFolder(home), mostBytes: readCacheLimit(), onNote: warn });

/** Returns the store; it is reached when it is used. Throws NarrowsError `environment-invalid`. */
export function openBlobs(sql: Sql, home: string, warn: (text: string) => void): InstallationBlobs {
  const settings = readBlobSettings();
  const cache = openBlobCache(home, warn);
  return settings === null ? createBlobStore(sql, cache) : createObjectBlobs(sql, createS3Store(settings), cache);
}

/**
 * Throws the NarrowsErrors of `check` at the start of a process, but during an outage, which ends:
 * `warn` receives its message.
 */
export async function requireOwnBlobs(blobs: InstallationBlobs, warn: (text: string) => void): Promise<void> {
  try {
    await blobs.check();
  } catch (error) {
    if (!(error instanceof NarrowsError && error.code === 'blobs-unreachable')) throw error;
    warn(error.message);
  }
}

/**
 * Returns the location that a person names, and the bucket of a move there from the present one:
 * of the two, that which is not Postgres. Throws NarrowsError `location-invalid`,
 * `environment-invalid`.
 */
export function openObjectStore(
  named: string,
  from: BlobLocation,
): { readonly target: BlobLocation; readonly objects: ObjectStore | null } {
  const target = named === 'postgres' ? null : named.replace(/\/$/, '');
  if (target !== null && parseLocation(target) === null) {
    throw new NarrowsError('location-invalid', `not a valid location of blobs: "${named}"`, {
      path: 'location',
      fix: 'write s3://bucket/folder, or postgres',
    });
  }
  const bucket = target ?? from;
  const settings = bucket === null ? null : readBlobSettings(bucket);
  return { target, objects: settings && createS3Store(settings) };
}

/** Throws NarrowsErrors where this process may not write, read and delete objects. */
export async function tryBlobStore(): Promise<string | null> {
  const settings = readBlobSettings();
  if (settings === null) return null;
  const objects = createS3Store(settings, { attempts: 2 });
  await tryObjects(objects, randomUUID());
  return `${objects.location} at ${objects.address}`;
}

/**
 * Records the location that the environment names in a database that has no blobs and no other
 * location, as the owner of its tables. Throws NarrowsError `blobs-taken`, and those of
 * ObjectStore.
 */
export async function recordNewBlobLocation(databaseUrl: string): Promise<void> {
  const settings = readBlobSettings();
  if (settings === null) return;
  const sql = connectTo(databaseUrl, 1);
  try {
    const objects = createS3Store(settings);
    if (!(await isWithoutBlobs(sql))) return;
    await claimObjects(sql, objects);
    await recordBlobLocation(sql, objects.location);
  } finally {
    await sql.end();
  }
}
