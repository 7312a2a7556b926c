import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { createBlobCache } from '../../db/blob-cache.ts';
import { type BlobStore, createBlobStore } from '../../db/blobs.ts';
import { sha256Of } from '../../platform.ts';
import { contentOf, wholeBytes } from '../support/whole.ts';
import { migratedDatabase } from './database.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let folder: string;
let store: BlobStore;

before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());
beforeEach(async (t) => {
  folder = await fs.mkdtemp(join(tmpdir(), 'narrows-blobs-'));
  store = createBlobStore(db.sql, createBlobCache({ directory: join(folder, 'cache'), mostBytes: 2 ** 30 }));
  if ('after' in t) t.after(() => fs.rm(folder, { recursive: true, force: true }));
});

async function put(bytes: Uint8Array): Promise<string> {
  const sha256 = sha256Of(bytes);
  await store.put(contentOf(bytes, sha256));
  return sha256;
}

const cached = () => fs.readdir(join(folder, 'cache')).catch(() => []);

test('blobs of no, few and many bytes are read back unchanged', async () => {
  for (const size of [0, 1000, 9 * 1024 * 1024 + 1]) {
    const bytes = new Uint8Array(randomBytes(size));
    const sha256 = await put(bytes);
    assert.equal(sha256, sha256Of(bytes));
    assert.deepEqual(await createBlobStore(db.sql, null).get(sha256), bytes);
  }
  const [sizes] = await db.sql`select count(*)::int as parts, max(octet_length(bytes)) as largest from blob_parts`;
  assert.deepEqual({ ...sizes }, { parts: 4, largest: 4 * 1024 * 1024 });
});

test('concurrent puts of equal bytes store them once', async () => {
  const bytes = new Uint8Array(randomBytes(100));
  const sums = await Promise.all(Array.from({ length: 5 }, () => put(bytes)));
  assert.equal(new Set(sums).size, 1);
  const [row] = await db.sql`select count(*)::int as parts from blob_parts where sha256 = ${sums[0] as string}`;
  assert.equal(row?.parts, 1);
});

test('an interrupted put leaves no readable blob', async () => {
  const bytes = new Uint8Array(randomBytes(5 * 1024 * 1024));
  await db.sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'cut off'; end $$`;
  await db.sql`create trigger refuse before insert on blob_parts for each row when (new.part = 1) execute function refuse()`;
  try {
    await assert.rejects(put(bytes), /cut off/);
  } finally {
    await db.sql`drop function refuse cascade`;
  }
  await assert.rejects(store.get(sha256Of(bytes)), { code: 'dataset-missing', kind: 'not-found' });
  await put(bytes);
  assert.deepEqual(await store.get(sha256Of(bytes)), bytes);
});

test('content with another hash or size is rejected and not stored', async () => {
  const bytes = new Uint8Array(randomBytes(5 * 1024 * 1024));
  const sha256 = sha256Of(bytes);
  const other = bytes.slice();
  other[4_500_000] = (other[4_500_000] as number) ^ 1;
  for (const [what, content] of [
    ['other bytes', contentOf(other, sha256)],
    ['too few', { ...contentOf(bytes.subarray(0, -1), sha256), bytes: bytes.length }],
    ['too many', { ...contentOf(bytes, sha256), bytes: bytes.length - 1 }],
  ] as const) {
    await assert.rejects(store.put(content), { name: 'NarrowsError', code: 'content-changed' }, what);
    await assert.rejects(store.get(content.sha256), { code: 'dataset-missing' }, what);
  }
  const [rows] = await db.sql`select count(*)::int as parts from blob_parts where sha256 = ${sha256}`;
  assert.equal(rows?.parts, 0);
});

test('a failing stream stores nothing', async () => {
  const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
  const sha256 = sha256Of(bytes);
  const pieces = async function* () {
    yield bytes.subarray(0, 5_000_000);
    throw new Error('the disk failed');
  };
  await assert.rejects(store.put({ sha256, bytes: bytes.length, pieces: pieces() }), /the disk failed/);
  await assert.rejects(store.get(sha256), { code: 'dataset-missing' });
  assert.equal(await put(bytes), sha256);
});

test('of two concurrent writers the second succeeds when the first fails', async () => {
  const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
  const sha256 = sha256Of(bytes);
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const broken = async function* () {
    yield bytes.subarray(0, 5_000_000);
    begun.resolve();
    await goOn.promise;
    throw new Error('the disk failed');
  };
  const first = store.put({ sha256, bytes: bytes.length, pieces: broken() });
  await begun.promise;
  const second = put(bytes);
  goOn.resolve();
  await assert.rejects(first, /the disk failed/);
  await second;
  assert.deepEqual(await createBlobStore(db.sql, null).get(sha256), bytes);
});

test('pieces yield the parts of a blob; a missing blob is an error', async () => {
  const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
  const sha256 = await put(bytes);
  assert.deepEqual(await wholeBytes(store.pieces(sha256)), bytes);
  await assert.rejects(wholeBytes(store.pieces('0'.repeat(64))), { code: 'dataset-missing' });
});

test('corrupt bytes are neither returned nor cached', async () => {
  const sha256 = await put(new Uint8Array(randomBytes(100)));
  await db.sql`update blob_parts set bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5)) where sha256 = ${sha256}`;
  await assert.rejects(store.get(sha256), { name: 'NarrowsError', code: 'dataset-corrupt' });
  await assert.rejects(wholeBytes(store.pieces(sha256)), { name: 'NarrowsError', code: 'dataset-corrupt' });
  await db.sql`delete from blob_parts where sha256 = ${sha256}`;
  await assert.rejects(store.get(sha256), { name: 'NarrowsError', code: 'dataset-corrupt' });
  assert.deepEqual(await cached(), []);
});

test('a second read comes from the local cache', async () => {
  const bytes = new Uint8Array(randomBytes(100));
  const sha256 = await put(bytes);
  assert.deepEqual(await store.get(sha256), bytes);
  assert.deepEqual(await cached(), [sha256]);
  await db.sql`delete from blobs where sha256 = ${sha256}`;
  assert.deepEqual(await store.get(sha256), bytes);
});

test('a corrupt cached copy is fetched again, with a note', async () => {
  const notes: string[] = [];
  const directory = join(folder, 'cache');
  const own = createBlobStore(db.sql, createBlobCache({ directory, mostBytes: 2 ** 30, onNote: (text) => notes.push(text) }));
  const bytes = new Uint8Array(randomBytes(100));
  const sha256 = await put(bytes);
  await own.get(sha256);
  const path = join(directory, sha256);
  for (const damage of [bytes.subarray(0, 50), new Uint8Array(100)]) {
    await fs.writeFile(path, damage);
    assert.deepEqual(await own.get(sha256), bytes);
    assert.deepEqual(new Uint8Array(await fs.readFile(path)), bytes);
  }
  assert.deepEqual(notes, Array(2).fill(`the copy ${path} is damaged, and is read from the database again`));
});

test('storing equal content again replaces a damaged copy', async () => {
  const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
  const sha256 = await put(bytes);
  const own = createBlobStore(db.sql, null);
  const damages = [
    db.sql`update blob_parts set bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5)) where sha256 = ${sha256} and part = 1`,
    db.sql`delete from blob_parts where sha256 = ${sha256} and part = 2`,
    db.sql`update blob_parts set bytes = substring(bytes from 2) where sha256 = ${sha256} and part = 0`,
    db.sql`update blobs set bytes = bytes - 1 where sha256 = ${sha256}`,
  ];
  for (const damage of damages) {
    await damage;
    await assert.rejects(own.get(sha256), { code: 'dataset-corrupt' });
    await put(bytes);
    assert.deepEqual(await own.get(sha256), bytes);
  }
});

test('a full disk costs a note and leaves no copy', async (t) => {
  const notes: string[] = [];
  const directory = join(folder, 'cache');
  const own = createBlobStore(db.sql, createBlobCache({ directory, mostBytes: 2 ** 30, onNote: (text) => notes.push(text) }));
  const bytes = new Uint8Array(randomBytes(100));
  const sha256 = await put(bytes);
  const write = t.mock.method(fs, 'writeFile', async (path: string) => {
    await fs.appendFile(path, 'half');
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  for (let i = 0; i < 2; i++) assert.deepEqual(await own.get(sha256), bytes);
  assert.equal(write.mock.callCount(), 2);
  assert.deepEqual(notes, [`no space left in ${directory}: arrays are read from the database each time`]);
  assert.deepEqual(await cached(), []);
});

test('blobs are readable without a writable cache', async () => {
  const bytes = new Uint8Array(randomBytes(100));
  const sha256 = await put(bytes);
  await fs.writeFile(join(folder, 'file'), '');
  assert.deepEqual(
    await createBlobStore(db.sql, createBlobCache({ directory: join(folder, 'file', 'cache'), mostBytes: 2 ** 30 })).get(sha256),
    bytes,
  );
});
