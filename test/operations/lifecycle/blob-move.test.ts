import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { createObjectBlobs } from '../../../db/object-blobs.ts';
import { createS3Store } from '../../../db/objects/s3.ts';
import type { ObjectStore } from '../../../db/objects/store.ts';
import { withArraysHeld } from '../../../db/queries/lifecycle/arrays.ts';
import { measureBlobs, moveBlobs } from '../../../operations/lifecycle/blob-move.ts';
import { sha256Of } from '../../../platform.ts';
import { migratedDatabase } from '../../db/database.ts';
import { startS3, type TestS3 } from '../../support/programs/s3-server.ts';
import { contentOf } from '../../support/whole.ts';

const TARGET = 's3://blobs/moved';
const OPTIONS = { signal: new AbortController().signal };

let db: Database;
let s3: TestS3;
let objects: ObjectStore;

before(async () => {
  s3 = await startS3();
});
beforeEach(async (t) => {
  db = await migratedDatabase();
  objects = createS3Store(s3.settings({ prefix: 'moved/' }), { partBytes: 5 * 2 ** 20, attempts: 2 });
  if (!('after' in t)) return;
  t.after(async () => {
    await objects.remove(await keys());
    await db.close();
  });
});
after(() => s3?.close());

async function keys(): Promise<string[]> {
  const all: string[] = [];
  for await (const block of objects.list()) all.push(...block.map(({ key }) => key));
  return all;
}

/** Stores arrays, each of a version, and returns them by their hashes. */
async function seedArrays(...sizes: number[]): Promise<Map<string, Uint8Array>> {
  const arrays = new Map<string, Uint8Array>();
  for (const size of sizes) {
    const bytes = new Uint8Array(randomBytes(size));
    const sha256 = sha256Of(bytes);
    await createBlobStore(db.sql, null).put(contentOf(bytes, sha256));
    await refer(sha256);
    arrays.set(sha256, bytes);
  }
  return arrays;
}

const refer = (sha256: string) => db.sql`
  insert into dataset_versions (name, version, description) values ('water', ${sha256}, ${db.sql.json({ x: { sha256 } })})`;

test('arrays move into a bucket and back', async () => {
  const arrays = await seedArrays(0, 1000, 9 * 2 ** 20);
  await createBlobStore(db.sql, null).put(contentOf(new Uint8Array(5), sha256Of(new Uint8Array(5))));
  const bytes = 1000 + 9 * 2 ** 20;
  assert.deepEqual(await moveBlobs(db, objects, TARGET, OPTIONS), { from: null, to: TARGET, blobs: 3, bytes, copied: 3 });
  assert.deepEqual(await measureBlobs(db), { location: TARGET, blobs: 3, bytes });
  assert.equal((await db.sql`select from blob_parts`).length, 0);
  const inBucket = createObjectBlobs(db.sql, objects, null);
  const inPostgres = createBlobStore(db.sql, null);
  for (const [sha256, content] of arrays) {
    assert.deepEqual(await inBucket.get(sha256), content);
    if (content.length > 0) await assert.rejects(inPostgres.get(sha256), { code: 'blobs-elsewhere' });
    await assert.rejects(inPostgres.put(contentOf(content, sha256)), { code: 'blobs-elsewhere' });
  }
  assert.deepEqual(await moveBlobs(db, objects, TARGET, OPTIONS), { from: TARGET, to: TARGET, blobs: 3, bytes, copied: 0 });

  assert.deepEqual(await moveBlobs(db, objects, null, OPTIONS), { from: TARGET, to: null, blobs: 3, bytes, copied: 2 });
  for (const [sha256, content] of arrays) {
    assert.deepEqual(await inPostgres.get(sha256), content);
    await assert.rejects(inBucket.put(contentOf(content, sha256)), { code: 'blobs-elsewhere' });
  }
  assert.deepEqual(await keys(), []);
  assert.equal((await moveBlobs(db, objects, null, OPTIONS)).copied, 0);
});

test('a move that was interrupted goes on where it was', async () => {
  const arrays = await seedArrays(100, 200, 300);
  const stop = new AbortController();
  const interrupted = moveBlobs(db, objects, TARGET, {
    signal: stop.signal,
    onProgress: (done) => {
      if (done === 1) stop.abort(new Error('interrupted'));
    },
  });
  await assert.rejects(interrupted, /interrupted/);
  // Until all are there, they are where they were.
  for (const [sha256, content] of arrays) assert.deepEqual(await createBlobStore(db.sql, null).get(sha256), content);
  assert.equal((await moveBlobs(db, objects, TARGET, OPTIONS)).copied, 1);
  for (const [sha256, content] of arrays) assert.deepEqual(await createObjectBlobs(db.sql, objects, null).get(sha256), content);
});

test('what is imported during a move is moved, too', async () => {
  const [during] = [new Uint8Array(randomBytes(50))];
  const sha256 = sha256Of(during);
  await seedArrays(100);
  const begun = Promise.withResolvers<void>();
  const writing = withArraysHeld(db.sql, async () => {
    await begun.promise;
    await createBlobStore(db.sql, null).put(contentOf(during, sha256));
    await refer(sha256);
  });
  const moved = await moveBlobs(db, objects, TARGET, { ...OPTIONS, onProgress: () => begun.resolve() });
  await writing;
  assert.deepEqual([moved.blobs, moved.copied], [2, 2]);
  assert.deepEqual(await createObjectBlobs(db.sql, objects, null).get(sha256), during);
});

test('a damaged array, another bucket and a bucket of others end a move before anything has changed', async () => {
  const [sha256] = [...(await seedArrays(100)).keys()];
  await db.sql`update blob_parts set bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5))`;
  await assert.rejects(moveBlobs(db, objects, TARGET, OPTIONS), {
    code: 'dataset-corrupt',
    message: new RegExp(sha256 as string),
  });
  assert.equal((await measureBlobs(db)).location, null);
  await db.sql`update blob_parts set bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5))`;
  await moveBlobs(db, objects, TARGET, OPTIONS);
  await assert.rejects(moveBlobs(db, createS3Store(s3.settings()), 's3://blobs', OPTIONS), { code: 'move-unsupported' });
  const other = await migratedDatabase();
  await assert.rejects(moveBlobs(other, objects, TARGET, OPTIONS), { code: 'blobs-taken' });
  await other.close();
});

test('a move out of a bucket leaves the objects of others below its prefix', async () => {
  await seedArrays(100);
  await moveBlobs(db, objects, TARGET, OPTIONS);
  const others = [`b/${'a'.repeat(64)}`, 'b/installation', 'notes.txt'];
  for (const key of others) await objects.put(key, new Uint8Array(3));
  await moveBlobs(db, objects, null, OPTIONS);
  assert.deepEqual(await keys(), others);
});

test('a repeated move does not claim another store with a bucket of the same name', async () => {
  const [sha256] = [...(await seedArrays(100)).keys()];
  await moveBlobs(db, objects, TARGET, OPTIONS);
  const other = await startS3();
  try {
    const wrong = createS3Store(other.settings({ prefix: 'moved/' }), { attempts: 2 });
    await assert.rejects(moveBlobs(db, wrong, TARGET, OPTIONS), {
      code: 'blobs-elsewhere',
      path: 'NARROWS_BLOBS_ENDPOINT',
      fix: 'check that it is the store which the other processes use; if its objects were lost, run "narrows blobs claim"',
    });
    for await (const block of wrong.list()) assert.deepEqual(block, []);
  } finally {
    await other.close();
  }
  assert.equal((await createObjectBlobs(db.sql, objects, null).get(sha256 as string)).length, 100);
});
