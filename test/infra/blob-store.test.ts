import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { readBlobLocation } from '../../db/blob-location.ts';
import { createBlobStore } from '../../db/blobs.ts';
import { connectTo, type Sql } from '../../db/client.ts';
import { openBlobs, openObjectStore, recordNewBlobLocation, requireOwnBlobs } from '../../infra/blob-store.ts';
import { setVariables } from '../../infra/env.ts';
import { sha256Of } from '../../platform.ts';
import { closedDatabase, type TestDatabase } from '../db/database.ts';
import { startS3, type TestS3 } from '../support/programs/s3-server.ts';
import { contentOf } from '../support/whole.ts';
import { temporaryFolder } from './folders.ts';

let s3: TestS3;
let database: TestDatabase;
let sql: Sql;
const variables = { ...process.env };
before(async () => {
  [s3, database] = await Promise.all([startS3(), closedDatabase()]);
  sql = connectTo(database.url, 2);
});
after(async () => {
  await sql?.end();
  await Promise.all([s3?.close(), database?.close()]);
});
afterEach(() => {
  process.env = { ...variables };
});

const bytes = new Uint8Array([1, 2, 3]);
const content = contentOf(bytes, sha256Of(bytes));

test('a database without arrays gets the location of the environment; one with arrays keeps its own', async (t) => {
  const home = temporaryFolder(t);
  await recordNewBlobLocation(database.url);
  assert.equal(await readBlobLocation(sql), null, 'no location is named');

  await createBlobStore(sql, null).put(content);
  setVariables(s3.variables);
  await recordNewBlobLocation(database.url);
  assert.equal(await readBlobLocation(sql), null, 'it has arrays');
  await assert.rejects(requireOwnBlobs(openBlobs(sql, home, assert.fail), assert.fail), { code: 'blobs-elsewhere' });

  await sql`delete from blobs`;
  await recordNewBlobLocation(database.url);
  await recordNewBlobLocation(database.url);
  assert.equal(await readBlobLocation(sql), s3.variables.NARROWS_BLOBS);
  const blobs = openBlobs(sql, home, assert.fail);
  await requireOwnBlobs(blobs, assert.fail);
  await blobs.put(content);
  assert.deepEqual(await blobs.get(content.sha256), bytes);

  const warnings: string[] = [];
  await s3.stop();
  await requireOwnBlobs(blobs, (text) => warnings.push(text));
  await s3.start();
  assert.match(warnings.join(), /does not answer/);
});

test('the bucket of a move is that of its end or of its beginning', () => {
  setVariables(s3.variables);
  const named = (text: string, from: string | null) => {
    const { target, objects } = openObjectStore(text, from);
    return [target, objects?.location ?? null];
  };
  assert.deepEqual(named('s3://a-bucket/x/', null), ['s3://a-bucket/x', 's3://a-bucket/x']);
  assert.deepEqual(named('postgres', 's3://a-bucket'), [null, 's3://a-bucket']);
  assert.deepEqual(named('postgres', null), [null, null]);
  for (const text of ['s3://', 'here', '/tmp/x'])
    assert.throws(() => named(text, null), { code: 'location-invalid', path: 'location' });
});
