/** The contract of a store of blobs, wherever it keeps them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { type BlobCache, createBlobCache } from '../../db/blob-cache.ts';
import type { InstallationBlobs } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { sha256Of } from '../../platform.ts';
import { contentOf, wholeBytes } from '../support/whole.ts';

/** A store under test, and how what it keeps is damaged. */
export interface BlobHarness {
  readonly db: Database;
  open(cache: BlobCache | null): InstallationBlobs;
  /** Changes a byte in the middle. */
  flip(sha256: string): Promise<void>;
  /** Drops the last byte. */
  truncate(sha256: string): Promise<void>;
  /** Drops the bytes, and leaves the row. */
  lose(sha256: string): Promise<void>;
  /** Code of the error for a lost blob that no dataset has. */
  readonly lostCode: string;
}

const SIZES = [0, 1000, 9 * 2 ** 20 + 1];

export function blobContract(name: string, harness: () => BlobHarness): void {
  describe(name, () => {
    let folder: string;
    let store: InstallationBlobs;

    beforeEach(async (t) => {
      folder = await fs.mkdtemp(join(tmpdir(), 'narrows-blobs-'));
      store = harness().open(createBlobCache({ directory: join(folder, 'cache'), mostBytes: 2 ** 30 }));
      if ('after' in t) t.after(() => fs.rm(folder, { recursive: true, force: true }));
    });

    async function put(bytes: Uint8Array): Promise<string> {
      const sha256 = sha256Of(bytes);
      await store.put(contentOf(bytes, sha256));
      return sha256;
    }

    const cached = () => fs.readdir(join(folder, 'cache')).catch(() => []);

    test('blobs of no, few and many bytes are read back unchanged', async () => {
      for (const size of SIZES) {
        const bytes = new Uint8Array(randomBytes(size));
        const sha256 = await put(bytes);
        assert.equal(sha256, sha256Of(bytes));
        assert.deepEqual(await store.uncached.get(sha256), bytes);
      }
    });

    test('concurrent puts of equal bytes store them once', async () => {
      const bytes = new Uint8Array(randomBytes(100));
      const sums = await Promise.all(Array.from({ length: 5 }, () => put(bytes)));
      assert.equal(new Set(sums).size, 1);
      assert.deepEqual(await store.uncached.get(sums[0] as string), bytes);
      const [row] = await harness().db.sql`select count(*)::int as rows from blobs where sha256 = ${sums[0] as string}`;
      assert.equal(row?.rows, 1);
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
    });

    test('a failing stream stores nothing', async () => {
      const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
      const sha256 = sha256Of(bytes);
      const pieces = async function* () {
        yield bytes.subarray(0, 5_000_000);
        throw new Error('the disk failed');
      };
      await assert.rejects(store.put({ sha256, bytes: bytes.length, pieces: pieces() }), { message: 'the disk failed' });
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
      assert.deepEqual(await store.uncached.get(sha256), bytes);
    });

    test('pieces yield the parts of a blob; a missing blob is an error', async () => {
      const bytes = new Uint8Array(randomBytes(9 * 1024 * 1024));
      const sha256 = await put(bytes);
      assert.deepEqual(await wholeBytes(store.pieces(sha256)), bytes);
      await assert.rejects(wholeBytes(store.pieces('0'.repeat(64))), { code: 'dataset-missing' });
    });

    test('a second read comes from the local cache', async () => {
      const bytes = new Uint8Array(randomBytes(100));
      const sha256 = await put(bytes);
      assert.deepEqual(await store.get(sha256), bytes);
      assert.deepEqual(await cached(), [sha256]);
      await harness().db.sql`delete from blobs where sha256 = ${sha256}`;
      assert.deepEqual(await store.get(sha256), bytes);
    });

    test('a corrupt cached copy is fetched again, with a note', async () => {
      const notes: string[] = [];
      const directory = join(folder, 'cache');
      const own = harness().open(createBlobCache({ directory, mostBytes: 2 ** 30, onNote: (text) => notes.push(text) }));
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

    test('a full disk costs a note and leaves no copy', async (t) => {
      const notes: string[] = [];
      const directory = join(folder, 'cache');
      const own = harness().open(createBlobCache({ directory, mostBytes: 2 ** 30, onNote: (text) => notes.push(text) }));
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
        await harness()
          .open(createBlobCache({ directory: join(folder, 'file', 'cache'), mostBytes: 2 ** 30 }))
          .get(sha256),
        bytes,
      );
    });

    test('damaged bytes are neither returned nor cached, and storing them again replaces them', async () => {
      for (const size of [100, 9 * 2 ** 20]) {
        const bytes = new Uint8Array(randomBytes(size));
        const sha256 = await put(bytes);
        for (const damage of ['flip', 'truncate', 'lose'] as const) {
          await harness()[damage](sha256);
          const code = damage === 'lose' ? harness().lostCode : 'dataset-corrupt';
          await assert.rejects(store.get(sha256), { name: 'NarrowsError', code }, damage);
          await assert.rejects(wholeBytes(store.pieces(sha256)), { name: 'NarrowsError', code }, damage);
          assert.deepEqual(await cached(), []);
          await put(bytes);
          assert.deepEqual(await store.uncached.get(sha256), bytes, damage);
        }
      }
    });

    test('the location of the installation is that of the store', async () => {
      await store.check();
      const { sql } = harness().db;
      const own = store.location;
      await sql`update installation set blobs = 's3://elsewhere'`;
      try {
        const elsewhere = { code: 'blobs-elsewhere', kind: 'unreachable', path: 'NARROWS_BLOBS' };
        await assert.rejects(store.check(), elsewhere);
        await assert.rejects(put(new Uint8Array(randomBytes(100))), elsewhere);
        await assert.rejects(store.get('0'.repeat(64)), elsewhere, 'what is not here is there');
      } finally {
        await sql`update installation set blobs = ${own}`;
      }
    });
  });
}
