import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { readBlobLocation, recordBlobLocation } from '../../db/blob-location.ts';
import { createBlobStore, type StoredBlob } from '../../db/blobs.ts';
import { connectTo, type Database, openDatabase } from '../../db/client.ts';
import { claimObjects, createObjectBlobs, tryObjects } from '../../db/object-blobs.ts';
import { createS3Store } from '../../db/objects/s3.ts';
import type { ObjectStoreSettings } from '../../db/objects/store.ts';
import {
  deleteUnusedArrays,
  measureStrays,
  measureUnusedArrays,
  registerStrays,
} from '../../db/queries/lifecycle/unused-arrays.ts';
import { sha256Of } from '../../platform.ts';
import { startS3, type TestS3 } from '../support/programs/s3-server.ts';
import { contentOf, wholeBytes } from '../support/whole.ts';
import { blobContract } from './blob-contract.ts';
import { closedDatabase, migratedDatabase, type TestDatabase, urlFor } from './database.ts';

/** Small parts, so that a blob of some MB has several. */
const PART_BYTES = 5 * 2 ** 20;

let database: TestDatabase;
let db: Database;
let s3: TestS3;

before(async () => {
  [database, s3] = await Promise.all([closedDatabase(), startS3()]);
  db = await openDatabase(database.url, { max: 8 });
  const objects = objectsOf();
  await claimObjects(db.sql, objects);
  await recordBlobLocation(db.sql, objects.location);
});
after(async () => {
  await db?.close();
  await Promise.all([database?.close(), s3?.close()]);
});

const objectsOf = (changes: Partial<ObjectStoreSettings> = {}) =>
  createS3Store(s3.settings(changes), { partBytes: PART_BYTES, attempts: 2 });
const blobsOf = (changes: Partial<ObjectStoreSettings> = {}) => createObjectBlobs(db.sql, objectsOf(changes), null);

async function put(bytes: Uint8Array): Promise<string> {
  const sha256 = sha256Of(bytes);
  await blobsOf().put(contentOf(bytes, sha256));
  return sha256;
}

async function wholeList(changes: Partial<ObjectStoreSettings> = {}): Promise<StoredBlob[]> {
  const all: StoredBlob[] = [];
  for await (const block of blobsOf(changes).list()) all.push(...block);
  return all;
}

const objectFile = (sha256: string) => join(s3.folder, `${sha256}._S3rver_object`);

blobContract('blobs in a bucket', () => ({
  db,
  open: (cache) => createObjectBlobs(db.sql, objectsOf(), cache),
  async flip(sha256) {
    const bytes = await fs.readFile(objectFile(sha256));
    bytes[5] = 255 - (bytes[5] as number);
    await fs.writeFile(objectFile(sha256), bytes);
  },
  async truncate(sha256) {
    const bytes = await fs.readFile(objectFile(sha256));
    await fs.writeFile(objectFile(sha256), bytes.subarray(0, -1));
  },
  lose: (sha256) => objectsOf().remove([sha256]),
  lostCode: 'dataset-missing',
}));

test('nothing is stored in Postgres but the row', async () => {
  const sha256 = await put(new Uint8Array(randomBytes(1000)));
  const [row] = await db.sql`
    select bytes::int, (select count(*)::int from blob_parts p where p.sha256 = b.sha256) as parts from blobs b where sha256 = ${sha256}`;
  assert.deepEqual({ ...row }, { bytes: 1000, parts: 0 });
});

test("what a workers' or the dashboards' role stores needs no right of the owner", async () => {
  for (const role of ['worker', 'api'] as const) {
    const own = connectTo(urlFor(database.url, role), 1);
    try {
      const bytes = new Uint8Array(randomBytes(100));
      const blobs = createObjectBlobs(own, objectsOf(), null);
      for (let i = 0; i < 2; i++) await blobs.put(contentOf(bytes, sha256Of(bytes)));
      assert.deepEqual(await blobs.get(sha256Of(bytes)), bytes);
    } finally {
      await own.end();
    }
  }
});

test('an outage, a refusal and a missing bucket are errors that name the store', async () => {
  const bytes = new Uint8Array(randomBytes(100));
  const sha256 = await put(bytes);
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'not-the-secret', sessionToken: null };
  for (const [changes, code, path] of [
    [{ credentials: { ...credentials, accessKeyId: 'unknown' } }, 'blobs-refused', 'NARROWS_BLOBS'],
    [{ bucket: 'no-such-bucket' }, 'bucket-missing', 'NARROWS_BLOBS'],
    [{ endpoint: 'http://127.0.0.1:9' }, 'blobs-unreachable', 'NARROWS_BLOBS_ENDPOINT'],
  ] as const) {
    for (const work of [
      () => objectsOf(changes).put('key', bytes),
      () => wholeList(changes),
      () => wholeBytes(objectsOf(changes).read(sha256)),
      () => tryObjects(objectsOf(changes), 'test'),
    ]) {
      await assert.rejects(work(), (error: Error & { code: string; kind: string; path: string }) => {
        assert.deepEqual([error.code, error.kind, error.path], [code, 'unreachable', path]);
        assert.doesNotMatch(`${error.message} ${error.stack}`, /not-the-secret/);
        return true;
      });
    }
  }
  const strict = await startS3({ checksSecrets: true });
  try {
    const refused = createS3Store(strict.settings({ credentials }), { attempts: 2 });
    await assert.rejects(refused.put('key', bytes), { code: 'blobs-refused', message: /SignatureDoesNotMatch/ });
    await createS3Store(strict.settings()).put('key', bytes);
  } finally {
    await strict.close();
  }
  await s3.stop();
  try {
    await assert.rejects(blobsOf().get(sha256), { code: 'blobs-unreachable', kind: 'unreachable' });
    await assert.rejects(blobsOf().put(contentOf(bytes, sha256)), { code: 'blobs-unreachable' });
  } finally {
    await s3.start();
  }
  assert.deepEqual(await blobsOf().get(sha256), bytes);
});

test('a connection that is lost while an object is read is replaced', async () => {
  const bytes = new Uint8Array(randomBytes(9 * 2 ** 20));
  const sha256 = await put(bytes);
  const read: Uint8Array[] = [];
  let isCut = false;
  for await (const piece of objectsOf().read(sha256)) {
    read.push(Uint8Array.from(piece));
    if (isCut) continue;
    isCut = true;
    await s3.stop();
    await s3.start();
  }
  assert.deepEqual(new Uint8Array(Buffer.concat(read)), bytes);
});

test('a server that knows no ranges sends an object from its beginning again', async () => {
  const bytes = randomBytes(2 ** 20);
  let answers = 0;
  const server = createServer((_, response) => {
    answers += 1;
    response.writeHead(200, { 'content-length': bytes.length });
    if (answers === 1) response.write(bytes.subarray(0, 2 ** 19), () => response.destroy());
    else response.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const read: Uint8Array[] = [];
    for await (const piece of objectsOf({ endpoint: `http://127.0.0.1:${port}` }).read('one')) read.push(Uint8Array.from(piece));
    assert.deepEqual(Buffer.concat(read), bytes);
    assert.equal(answers, 2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("a location that is not this installation's is refused", async () => {
  const other = await migratedDatabase();
  try {
    const taken = { code: 'blobs-taken', path: 'NARROWS_BLOBS' };
    await assert.rejects(claimObjects(other.sql, objectsOf()), taken);
    await recordBlobLocation(other.sql, 's3://blobs');
    const blobs = createObjectBlobs(other.sql, objectsOf(), null);
    await assert.rejects(blobs.check(), taken);
    await assert.rejects(blobs.put(contentOf(new Uint8Array(3), sha256Of(new Uint8Array(3)))), taken);
    assert.equal((await other.sql`select from blobs`).length, 0);

    // The same name in another store, where missing objects are not damage.
    await recordBlobLocation(other.sql, 's3://blobs/free');
    await other.sql`insert into blobs (sha256, bytes) values (${'a'.repeat(64)}, 3)`;
    const empty = createObjectBlobs(other.sql, objectsOf({ prefix: 'free/' }), null);
    await assert.rejects(empty.get('a'.repeat(64)), { code: 'blobs-elsewhere', path: 'NARROWS_BLOBS_ENDPOINT' });
    await claimObjects(other.sql, objectsOf({ prefix: 'free/' }));
    await claimObjects(other.sql, objectsOf({ prefix: 'free/' }));
    await empty.check();
    assert.equal(await readBlobLocation(other.sql), empty.location);
  } finally {
    await other.close();
  }
});

test('unused blobs go with their objects, and so do objects without a row', async () => {
  // The other tests leave some.
  await registerStrays(db.sql, blobsOf());
  await deleteUnusedArrays(db.sql, blobsOf());
  const bytes = new Uint8Array(randomBytes(1000));
  const [kept, unused] = [await put(bytes), await put(new Uint8Array(randomBytes(10)))];
  await db.sql`
    insert into dataset_versions (name, version, description)
    values ('water', ${'b'.repeat(64)}, ${db.sql.json({ x: { sha256: kept } })})`;
  await objectsOf().put('c'.repeat(64), new Uint8Array(7));
  assert.deepEqual(await measureUnusedArrays(db.sql), { arrays: 1, bytes: 10 });
  assert.deepEqual(await measureStrays(db.sql, blobsOf()), { arrays: 1, bytes: 7 });
  await registerStrays(db.sql, blobsOf());
  assert.deepEqual(await deleteUnusedArrays(db.sql, blobsOf()), { arrays: 2, bytes: 17, isComplete: true });
  const stored = (await wholeList()).map(({ sha256 }) => sha256);
  for (const gone of [unused, 'c'.repeat(64)]) assert.ok(!stored.includes(gone));
  assert.deepEqual(await blobsOf().get(kept), bytes);
});

test('nothing is removed with the bucket of another installation, or with none', async () => {
  const sha256 = await put(new Uint8Array(randomBytes(20)));
  const other = await migratedDatabase();
  try {
    await recordBlobLocation(other.sql, 's3://blobs/other');
    await other.sql`insert into blobs (sha256, bytes) values (${sha256}, 20)`;
    for (const [blobs, code] of [
      [createObjectBlobs(other.sql, objectsOf(), null), 'blobs-elsewhere'],
      [createObjectBlobs(other.sql, objectsOf({ prefix: 'other/' }), null), 'blobs-elsewhere'],
      [createBlobStore(other.sql, null), 'blobs-elsewhere'],
    ] as const) {
      await assert.rejects(registerStrays(other.sql, blobs), { code });
      await assert.rejects(measureStrays(other.sql, blobs), { code });
      await assert.rejects(deleteUnusedArrays(other.sql, blobs), { code });
    }
    await recordBlobLocation(other.sql, 's3://blobs');
    const foreign = createObjectBlobs(other.sql, objectsOf(), null);
    await assert.rejects(registerStrays(other.sql, foreign), { code: 'blobs-taken' });
    await assert.rejects(deleteUnusedArrays(other.sql, foreign), { code: 'blobs-taken' });
    const rows = await other.sql<{ sha256: string }[]>`select sha256 from blobs`;
    assert.deepEqual(
      rows.map((row) => row.sha256),
      [sha256],
    );
  } finally {
    await other.close();
  }
  assert.equal((await blobsOf().get(sha256)).length, 20);
});

test('a stray of another size does not stay so when the blob is stored', async () => {
  const bytes = new Uint8Array(randomBytes(30));
  const sha256 = sha256Of(bytes);
  await objectsOf().put(sha256, bytes.subarray(1));
  await registerStrays(db.sql, blobsOf());
  await put(bytes);
  assert.deepEqual(await blobsOf().get(sha256), bytes);
});

test('no object is deleted after the connection that holds the lock was lost', async () => {
  for (let i = 0; i < 10; i++) await put(new Uint8Array(randomBytes(10)));
  const groups: number[] = [];
  const deletion = deleteUnusedArrays(db.sql, {
    check: async () => {},
    async discard(hashes) {
      groups.push(hashes.length);
      await db.sql`select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
        and database = (select oid from pg_database where datname = current_database())`;
    },
  });
  await assert.rejects(deletion);
  assert.deepEqual(groups, [8]);
});

test('a blob that is stored while it is deleted stays', async () => {
  const bytes = new Uint8Array(randomBytes(1000));
  const sha256 = await put(bytes);
  const blobs = blobsOf();
  const deleting = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const deletion = deleteUnusedArrays(db.sql, {
    check: blobs.check,
    async discard(hashes) {
      deleting.resolve();
      await goOn.promise;
      await blobs.discard(hashes);
    },
  });
  await deleting.promise;
  // A writer that does not hold the lock on arrays.
  let isStored = false;
  const storing = put(bytes).then(() => {
    isStored = true;
  });
  while (!isStored && !(await isWriterWaiting())) await setTimeout(20);
  goOn.resolve();
  await Promise.all([deletion, storing]);
  assert.deepEqual(await blobs.get(sha256), bytes);
});

/** Whether a writer waits for a row of blobs. */
async function isWriterWaiting(): Promise<boolean> {
  const waiting = await db.sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into blobs%'`;
  return waiting.length > 0;
}
