/**
 * Content-addressed blobs in an object store, each an object named by its hash. Its row in `blobs`
 * comes first, so that none is ever lost: docs/decisions/0056-object-storage.md.
 */
import { NarrowsError } from '../errors.ts';
import type { BlobCache } from './blob-cache.ts';
import { requireBlobLocation } from './blob-location.ts';
import { type BlobStore, checkedParts, createBlobReader, type InstallationBlobs } from './blobs.ts';
import type { Queryable, Sql } from './client.ts';
import { damagedArrayError } from './damaged-array.ts';
import { MissingObject, type ObjectStore } from './objects/store.ts';
import { readIdentity } from './queries/identity.ts';

/** Most parts of an object. */
const MOST_PARTS = 10_000;

/** Key of the object that names the installation which the location belongs to. */
const OWNER_KEY = 'installation';

const IS_HASH = /^[0-9a-f]{64}$/;

/** `cache` keeps copies on this machine; null: none. */
export function createObjectBlobs(sql: Sql, objects: ObjectStore, cache: BlobCache | null): InstallationBlobs {
  const { location } = objects;
  const check = async () => {
    await requireBlobLocation(sql, location);
    await requireOwned(sql, objects);
  };
  const reader = (copies: BlobCache | null) =>
    createBlobReader({ sql, cache: copies, check, read: (sha256) => objects.read(sha256) });
  let checked: Promise<void> | null = null;
  /** Checks the location once: another one would have to be moved to. */
  const checkOnce = (): Promise<void> => {
    checked ??= requireOwned(sql, objects).catch((error: unknown) => {
      checked = null;
      throw error;
    });
    return checked;
  };
  const put: BlobStore['put'] = async (content) => {
    await requireBlobLocation(sql, location);
    await checkOnce();
    await registerBlob(sql, content);
    await storeObject(objects, content);
  };
  return {
    location,
    put,
    ...reader(cache),
    uncached: { put, ...reader(null) },
    check,
    discard: (hashes) => objects.remove(hashes),
    async *list() {
      for await (const block of objects.list())
        yield block.filter(({ key }) => IS_HASH.test(key)).map(({ key, bytes }) => ({ sha256: key, bytes }));
    },
  };
}

/**
 * Writes the row of a blob before its object. A transaction that deletes the blob is waited for:
 * what is stored afterwards stays. Corrects the size of a stray that was cut off; throws
 * NarrowsError `dataset-corrupt` where this user may not.
 */
async function registerBlob(
  sql: Queryable,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
): Promise<void> {
  const fresh = await sql`
    insert into blobs (sha256, bytes) values (${sha256}, ${bytes})
    on conflict do nothing returning 1`;
  if (fresh.length > 0) return;
  const [differs] = await sql`select from blobs where sha256 = ${sha256} and bytes <> ${bytes}`;
  if (!differs) return;
  await sql`update blobs set bytes = ${bytes} where sha256 = ${sha256}`.catch(async (error: unknown) => {
    throw await damagedArrayError(sql, sha256, 'changed', error);
  });
}

/** Stores the object of a blob. Throws NarrowsError `content-changed`, and stores nothing then. */
export async function storeObject(objects: ObjectStore, content: Parameters<BlobStore['put']>[0]): Promise<void> {
  const { sha256, bytes } = content;
  const size = Math.max(objects.partBytes, Math.ceil(bytes / MOST_PARTS));
  const parts = checkedParts(content, size);
  if (bytes > size) return objects.putParts(sha256, parts);
  const whole: Buffer[] = [];
  for await (const part of parts) whole.push(Buffer.from(part));
  await objects.put(sha256, Buffer.concat(whole));
}

/** Returns the identity of the installation that the location belongs to; null: nobody's. */
async function readOwner(objects: ObjectStore): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of objects.read(OWNER_KEY)) pieces.push(piece);
  } catch (error) {
    if (error instanceof MissingObject) return null;
    throw error;
  }
  return Buffer.concat(pieces).toString('utf8').trim();
}

const takenError = (location: string, owner: string): NarrowsError =>
  new NarrowsError('blobs-taken', `${location} has the blobs of another installation (${owner})`, {
    path: 'NARROWS_BLOBS',
    fix: 'name another bucket, or a folder of its own: s3://bucket/folder',
    kind: 'failure',
  });

/** Throws NarrowsError `blobs-taken` or `blobs-elsewhere` where a location is not this one's. */
async function requireOwned(sql: Queryable, objects: ObjectStore): Promise<void> {
  const owner = await readOwner(objects);
  if (owner === (await readIdentity(sql))) return;
  if (owner !== null) throw takenError(objects.location, owner);
  throw new NarrowsError('blobs-elsewhere', `the object store has no blobs of this installation in ${objects.location}`, {
    path: 'NARROWS_BLOBS_ENDPOINT',
    fix: 'check that it is the store which the other processes use; if its objects were lost, run "narrows blobs claim"',
    kind: 'unreachable',
  });
}

/**
 * Makes a location this installation's; returns false where it was. Throws NarrowsError
 * `blobs-taken`.
 */
export async function claimObjects(sql: Queryable, objects: ObjectStore): Promise<boolean> {
  const [owner, identity] = [await readOwner(objects), await readIdentity(sql)];
  if (owner === identity) return false;
  if (owner !== null) throw takenError(objects.location, owner);
  await objects.put(OWNER_KEY, Buffer.from(`${identity}\n`));
  return true;
}

/** Gives a location back, from which all blobs have gone. */
export const releaseObjects = (objects: ObjectStore): Promise<void> => objects.remove([OWNER_KEY]);

/** Throws the NarrowsErrors of ObjectStore where this process may not write, read and delete. */
export async function tryObjects(objects: ObjectStore, name: string): Promise<void> {
  const key = `probe-${name}`;
  await objects.put(key, Buffer.from(name));
  try {
    for await (const _ of objects.read(key));
  } finally {
    await objects.remove([key]);
  }
}
