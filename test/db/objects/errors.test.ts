import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectStoreError } from '../../../db/objects/errors.ts';

test('what may be repeated is no refusal, and a wrong clock is named', () => {
  const errorOf = (name: string, status: number) =>
    objectStoreError('http://store', 'blobs', { name, message: '', $metadata: { httpStatusCode: status } });
  for (const [name, status, code] of [
    ['RequestTimeout', 400, 'blobs-unreachable'],
    ['NoSuchUpload', 404, 'blobs-unreachable'],
    ['Error', 408, 'blobs-unreachable'],
    ['SlowDown', 429, 'blobs-unreachable'],
    ['InternalError', 500, 'blobs-unreachable'],
    ['AccessDenied', 403, 'blobs-refused'],
    ['NoSuchBucket', 404, 'bucket-missing'],
  ] as const)
    assert.equal(errorOf(name, status).code, code, name);
  assert.match(errorOf('RequestTimeTooSkewed', 403).fix ?? '', /clock/);
  assert.match(errorOf('AccessDenied', 403).fix ?? '', /AWS_ACCESS_KEY_ID/);
});
