import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../../db/client.ts';
import { createObjectBlobs } from '../../../db/object-blobs.ts';
import { createS3Store } from '../../../db/objects/s3.ts';
import type { ObjectStore } from '../../../db/objects/store.ts';
import { claimBlobs } from '../../../operations/lifecycle/blob-claim.ts';
import { moveBlobs } from '../../../operations/lifecycle/blob-move.ts';
import { sha256Of } from '../../../platform.ts';
import { migratedDatabase } from '../../db/database.ts';
import { startS3, type TestS3 } from '../../support/programs/s3-server.ts';
import { contentOf } from '../../support/whole.ts';

const SIGNAL = new AbortController().signal;
const BYTES = Uint8Array.of(1, 2, 3);
const SHA256 = sha256Of(BYTES);

let db: Database;
let s3: TestS3;
let objects: ObjectStore;

before(async () => {
  [db, s3] = await Promise.all([migratedDatabase(), startS3()]);
  objects = createS3Store(s3.settings({ prefix: 'own/' }), { attempts: 2 });
});
after(async () => {
  await db?.close();
  await s3?.close();
});

test('an installation whose arrays are in Postgres claims nothing', async () => {
  await assert.rejects(claimBlobs(db, objects), { code: 'blobs-elsewhere' });
});

test('an empty bucket is refused until it is claimed, and takes the lost arrays again', async () => {
  await moveBlobs(db, objects, objects.location, { signal: SIGNAL });
  const blobs = () => createObjectBlobs(db.sql, objects, null);
  await blobs().put(contentOf(BYTES, SHA256));
  assert.equal(await claimBlobs(db, objects), false);
  for await (const block of objects.list()) await objects.remove(block.map(({ key }) => key));
  await objects.remove(['installation']);
  await assert.rejects(blobs().put(contentOf(BYTES, SHA256)), { code: 'blobs-elsewhere', fix: /narrows blobs claim/ });
  assert.equal(await claimBlobs(db, objects), true);
  await assert.rejects(blobs().get(SHA256), { code: 'dataset-missing' });
  await blobs().put(contentOf(BYTES, SHA256));
  assert.deepEqual(await blobs().get(SHA256), BYTES);
  assert.deepEqual(await blobs().check(), undefined);
});

test('a bucket with arrays that nobody knows is not claimed', async () => {
  await objects.remove(['installation']);
  await objects.put('f'.repeat(64), BYTES);
  await assert.rejects(claimBlobs(db, objects), { code: 'blobs-taken', message: /arrays that this installation does not know/ });
  await objects.remove(['f'.repeat(64)]);
  assert.equal(await claimBlobs(db, objects), true);
});

test('the bucket of another installation is not claimed', async () => {
  await objects.remove(['installation']);
  await objects.put('installation', Buffer.from('0123456789ab\n'));
  await assert.rejects(claimBlobs(db, objects), { code: 'blobs-taken' });
});
