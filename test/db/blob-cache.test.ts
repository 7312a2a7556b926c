import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { createBlobCache, measureBlobCache } from '../../db/blob-cache.ts';
import { sha256Of } from '../../platform.ts';

let folder: string;
beforeEach(async (t) => {
  folder = await fs.mkdtemp(join(tmpdir(), 'narrows-cache-'));
  if ('after' in t) t.after(() => fs.rm(folder, { recursive: true, force: true }));
});

const bytesOf = (value: number) => new Uint8Array(100).fill(value);
const hashOf = (value: number) => sha256Of(bytesOf(value));
const held = async () => (await fs.readdir(folder)).sort();

/** Says when a file was last used: times of one test would be equal. */
const used = (value: number, seconds: number) => fs.utimes(join(folder, hashOf(value)), seconds, seconds);

test('what was used least recently goes first, and the cache never takes more than its limit', async () => {
  const cache = createBlobCache({ directory: folder, mostBytes: 350 });
  for (const value of [1, 2, 3]) {
    await cache.write(hashOf(value), bytesOf(value));
    await used(value, value);
  }
  assert.equal(await measureBlobCache(folder), 300);
  // A read counts as a use.
  assert.deepEqual(await cache.read(hashOf(1)), bytesOf(1));
  await cache.write(hashOf(4), bytesOf(4));
  assert.deepEqual(await held(), [1, 3, 4].map(hashOf).sort());
  await cache.write(hashOf(5), bytesOf(5));
  assert.deepEqual(await held(), [1, 4, 5].map(hashOf).sort());
  assert.equal(await cache.read(hashOf(2)), null);
});

test('a file that is being read stays readable when it is deleted', async () => {
  const cache = createBlobCache({ directory: folder, mostBytes: 100 });
  await cache.write(hashOf(1), bytesOf(1));
  const reader = await fs.open(join(folder, hashOf(1)));
  await cache.write(hashOf(2), bytesOf(2));
  assert.deepEqual(await held(), [hashOf(2)]);
  assert.deepEqual(new Uint8Array(await reader.readFile()), bytesOf(1));
  await reader.close();
});

test('a blob above the limit is not kept, nor any where the limit is 0; what is there goes with the next write', async () => {
  await createBlobCache({ directory: folder, mostBytes: 99 }).write(hashOf(1), bytesOf(1));
  await createBlobCache({ directory: folder, mostBytes: 0 }).write(hashOf(1), bytesOf(1));
  assert.deepEqual(await held(), []);
  for (const value of [1, 2, 3])
    await createBlobCache({ directory: folder, mostBytes: 1000 }).write(hashOf(value), bytesOf(value));
  await createBlobCache({ directory: folder, mostBytes: 100 }).write(hashOf(4), bytesOf(4));
  assert.deepEqual(await held(), [hashOf(4)]);
});

test('files of interrupted writes count, and go in their turn', async () => {
  const left = `.${hashOf(1)}.1234`;
  await fs.writeFile(join(folder, left), bytesOf(1));
  await fs.utimes(join(folder, left), 1, 1);
  assert.equal(await measureBlobCache(folder), 100);
  const cache = createBlobCache({ directory: folder, mostBytes: 200 });
  for (const value of [2, 3]) await cache.write(hashOf(value), bytesOf(value));
  assert.deepEqual(await held(), [2, 3].map(hashOf).sort());
});

test('processes that write at once keep within the limit', async () => {
  const caches = Array.from({ length: 4 }, () => createBlobCache({ directory: folder, mostBytes: 350 }));
  await Promise.all(Array.from({ length: 40 }, (_, i) => caches[i % 4]?.write(hashOf(i), bytesOf(i))));
  await caches[0]?.write(hashOf(99), bytesOf(99));
  assert.ok((await measureBlobCache(folder)) <= 350);
});

test('a folder that does not exist takes nothing', async () => {
  assert.equal(await measureBlobCache(join(folder, 'none')), 0);
});
