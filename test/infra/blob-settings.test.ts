import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseBlobLocation, readObjectStore } from '../../infra/blob-settings.ts';
import { readBlobSettings } from '../../infra/env.ts';

test('a location is Postgres, a bucket, or a folder of one', () => {
  assert.deepEqual([undefined, '', 'postgres'].map(parseBlobLocation), [null, null, null]);
  assert.equal(parseBlobLocation('s3://my-bucket/a/b/'), 's3://my-bucket/a/b');
  assert.equal(readBlobSettings(undefined, {}), null);
  for (const text of [
    's3://',
    's3://B/x',
    's3://key:secret@bucket',
    's3://bucket/../x',
    's3://bucket//x',
    'https://bucket',
    'S3://bucket',
  ]) {
    assert.throws(
      () => parseBlobLocation(text),
      (error: Error & { code: string; path: string }) => {
        assert.deepEqual([error.code, error.path], ['environment-invalid', 'NARROWS_BLOBS']);
        return !error.message.includes('secret');
      },
      text,
    );
  }
});

test('a store is reached as the variables say, those of AWS among them', () => {
  const of = (variables: Record<string, string>) => readObjectStore('s3://bucket/a', variables);
  assert.deepEqual(of({}), {
    ...{ bucket: 'bucket', prefix: 'a/', endpoint: null, region: 'us-east-1', isPathStyle: false, credentials: null },
  });
  const own = of({ NARROWS_BLOBS_ENDPOINT: 'http://minio:9000/', AWS_ENDPOINT_URL: 'http://other', AWS_REGION: 'eu-west-1' });
  assert.deepEqual([own.endpoint, own.region, own.isPathStyle], ['http://minio:9000', 'eu-west-1', true]);
  assert.equal(of({ AWS_ENDPOINT_URL_S3: 'http://s3', AWS_ENDPOINT_URL: 'http://other' }).endpoint, 'http://s3');
  assert.equal(of({ NARROWS_BLOBS_ENDPOINT: 'http://s3', NARROWS_BLOBS_PATH_STYLE: 'false' }).isPathStyle, false);
  assert.equal(of({ NARROWS_BLOBS_REGION: 'a', AWS_REGION: 'b' }).region, 'a');
  for (const [path, variables] of [
    ['NARROWS_BLOBS_ENDPOINT', { NARROWS_BLOBS_ENDPOINT: 'http://key:hidden-secret@host' }],
    ['NARROWS_BLOBS_ENDPOINT', { NARROWS_BLOBS_ENDPOINT: 'minio:9000' }],
    ['NARROWS_BLOBS_PATH_STYLE', { NARROWS_BLOBS_PATH_STYLE: 'yes' }],
    ['AWS_SECRET_ACCESS_KEY', { AWS_ACCESS_KEY_ID: 'id' }],
    ['AWS_ACCESS_KEY_ID', { AWS_SECRET_ACCESS_KEY: 'hidden-secret' }],
  ] as const) {
    assert.throws(
      () => of(variables),
      (error: Error & { code: string; path: string }) => {
        assert.deepEqual([error.code, error.path], ['environment-invalid', path]);
        return !error.message.includes('hidden-secret');
      },
    );
  }
});

test('keys may be in files', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'key');
  writeFileSync(file, 'the-secret\n');
  const { credentials } = readObjectStore('s3://bucket', { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY_FILE: file });
  assert.deepEqual(credentials, { accessKeyId: 'id', secretAccessKey: 'the-secret', sessionToken: null });
});
