/** Content-addressed bytes: in Postgres for everyone, on this machine's disk for speed. What is read is hashed first. */
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, NarrowsError } from '../infra/errors.ts';
import type { Sql } from './client.ts';

const PART_BYTES = 4 * 1024 * 1024;

export interface BlobStore {
  /** Stores bytes and returns their sha256 (64 hexadecimal characters). The same bytes twice are stored once. */
  put(bytes: Uint8Array): Promise<string>;
  /** Throws NarrowsError `dataset-missing` where there is no such blob, `dataset-corrupt` where its bytes changed. */
  get(sha256: string): Promise<Uint8Array>;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** `cacheDirectory`: where this machine keeps copies; null keeps none. */
export function createBlobStore(sql: Sql, cacheDirectory: string | null): BlobStore {
  return {
    async put(bytes) {
      const sha256 = sha256Of(bytes);
      await sql.begin(async (transaction) => {
        // The row first: whoever writes the same blob at the same time waits here, and then finds it done.
        const fresh = await transaction`
          insert into blobs (sha256, bytes) values (${sha256}, ${bytes.length}) on conflict do nothing returning 1`;
        if (fresh.length === 0) return;
        for (let part = 0; part * PART_BYTES < bytes.length; part++) {
          const slice = Buffer.from(bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
          await transaction`insert into blob_parts (sha256, part, bytes) values (${sha256}, ${part}, ${slice})`;
        }
      });
      return sha256;
    },

    async get(sha256) {
      const cached = cacheDirectory && (await readCached(cacheDirectory, sha256));
      if (cached) return cached;
      const [row] = await sql<{ bytes: string }[]>`select bytes from blobs where sha256 = ${sha256}`;
      if (!row) throw new NarrowsError('dataset-missing', `there is no stored array ${sha256}`, { exit: EXIT.notFound });
      const whole = new Uint8Array(Number(row.bytes));
      let at = 0;
      const parts = sql<{ bytes: Buffer }[]>`select bytes from blob_parts where sha256 = ${sha256} order by part`.cursor(1);
      for await (const [part] of parts) {
        if (!part || at + part.bytes.length > whole.length) break;
        whole.set(part.bytes, at);
        at += part.bytes.length;
      }
      if (at !== whole.length || sha256Of(whole) !== sha256) {
        throw new NarrowsError('dataset-corrupt', `the stored array ${sha256} does not hash to its address`, {
          fix: 'import the dataset again into a fresh database',
          exit: EXIT.failure,
        });
      }
      if (cacheDirectory) await writeCached(cacheDirectory, sha256, whole);
      return whole;
    },
  };
}

/** A copy that no longer hashes to its name is dropped and fetched anew. */
async function readCached(directory: string, sha256: string): Promise<Uint8Array | null> {
  const path = join(directory, sha256);
  try {
    const bytes = new Uint8Array(await fs.readFile(path));
    if (sha256Of(bytes) === sha256) return bytes;
    await fs.rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return null;
  }
  return null;
}

async function writeCached(directory: string, sha256: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, `.${sha256}.${randomUUID()}`);
  try {
    await fs.mkdir(directory, { recursive: true });
    await fs.writeFile(temporary, bytes, { mode: 0o600 });
    await fs.rename(temporary, join(directory, sha256));
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    if (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw new NarrowsError('disk-full', `no space left in ${directory}`, {
        path: directory,
        fix: 'free some space, or set NARROWS_HOME to a larger disk',
        exit: EXIT.failure,
        cause: error,
      });
    }
    // A cache that cannot be written costs time and nothing else.
  }
}
