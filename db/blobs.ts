/** Content-addressed blobs in Postgres, cached on the local disk. Reads check the hash. */
import { createHash } from 'node:crypto';
import { NarrowsError } from '../errors.ts';
import type { BlobCache } from './blob-cache.ts';
import { isDamagedCode, type Queryable, type Sql } from './client.ts';
import { damagedArrayError } from './damaged-array.ts';

const PART_BYTES = 4 * 1024 * 1024;

/** Content whose hash and size are known before it is written. */
export interface BlobContent {
  /** 64 hexadecimal characters. */
  readonly sha256: string;
  readonly bytes: number;
  /** Pieces of any size, in order; each is valid until the next is read. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

export interface BlobStore {
  /**
   * Stores content piece by piece; stores equal content once, and replaces a damaged copy. Throws
   * NarrowsError `content-changed` where the pieces differ from the declared hash or size, and
   * stores nothing then; `dataset-corrupt` where this user may not replace the damaged copy.
   */
  put(content: BlobContent): Promise<void>;
  /** Throws NarrowsError `dataset-missing`, and `dataset-corrupt` where its bytes changed. */
  get(sha256: string): Promise<Uint8Array>;
  /** Reads the stored bytes in order. Throws as `get` does, changed bytes at the end. */
  pieces(sha256: string): AsyncIterable<Uint8Array>;
}

/** `cache` keeps copies on this machine; null: none. */
export function createBlobStore(sql: Sql, cache: BlobCache | null): BlobStore {
  /** Yields the parts as they are stored, without this machine's copy, and checks them. */
  async function* stored(sha256: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    try {
      for await (const part of partsOf(sql, sha256)) {
        hash.update(part);
        yield part;
      }
    } catch (error) {
      throw isDamagedCode((error as { code?: string }).code ?? '')
        ? await damagedArrayError(sql, sha256, 'changed', error)
        : error;
    }
    if (hash.digest('hex') !== sha256) throw await damagedArrayError(sql, sha256, 'changed');
  }
  /** Returns the declared size. */
  const bytesOf = async (sha256: string): Promise<number> => {
    const [row] = await sql<{ bytes: string }[]>`select bytes from blobs where sha256 = ${sha256}`;
    if (row) return Number(row.bytes);
    throw await damagedArrayError(sql, sha256, 'missing');
  };
  return {
    async put({ sha256, bytes, pieces }) {
      await sql.begin(async (transaction) => {
        // The row first: a concurrent writer of this blob waits here, and then finds it stored.
        const fresh = await transaction`
          insert into blobs (sha256, bytes) values (${sha256}, ${bytes}) on conflict do nothing returning 1`;
        if (fresh.length === 0) {
          if (await isIntact(transaction, sha256)) return;
          await discard(transaction, sha256, bytes).catch(async (error: unknown) => {
            throw await damagedArrayError(sql, sha256, 'changed', error);
          });
        }
        const hash = createHash('sha256');
        let [number, written] = [0, 0];
        for await (const part of rechunk(pieces, Math.max(1, Math.min(PART_BYTES, bytes)))) {
          hash.update(part);
          written += part.length;
          if (written > bytes) break;
          await transaction`insert into blob_parts (sha256, part, bytes) values (${sha256}, ${number++}, ${part})`;
        }
        if (written === bytes && hash.digest('hex') === sha256) return;
        throw new NarrowsError('content-changed', `the content of ${sha256} changed while it was being stored`, {
          fix: 'import it again',
          kind: 'failure',
        });
      });
    },

    async get(sha256) {
      const cached = await cache?.read(sha256);
      if (cached) return cached;
      const whole = new Uint8Array(await bytesOf(sha256));
      let at = 0;
      for await (const part of stored(sha256)) {
        if (at + part.length > whole.length) break;
        whole.set(part, at);
        at += part.length;
      }
      if (at !== whole.length) throw await damagedArrayError(sql, sha256, 'changed');
      await cache?.write(sha256, whole);
      return whole;
    },

    async *pieces(sha256) {
      await bytesOf(sha256);
      yield* stored(sha256);
    },
  };
}

async function* partsOf(sql: Queryable, sha256: string): AsyncGenerator<Uint8Array> {
  const parts = sql<{ bytes: Buffer }[]>`select bytes from blob_parts where sha256 = ${sha256} order by part`.cursor(1);
  for await (const [part] of parts) if (part) yield part.bytes;
}

/** Whether the stored size and parts are those of the hash. */
async function isIntact(sql: Queryable, sha256: string): Promise<boolean> {
  const [row] = await sql<{ bytes: string }[]>`select bytes from blobs where sha256 = ${sha256}`;
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of partsOf(sql, sha256)) {
    hash.update(part);
    bytes += part.length;
  }
  return bytes === Number(row?.bytes) && hash.digest('hex') === sha256;
}

/** Makes room for other parts. Only the owner of the tables may. */
async function discard(sql: Queryable, sha256: string, bytes: number): Promise<void> {
  await sql`delete from blob_parts where sha256 = ${sha256}`;
  await sql`update blobs set bytes = ${bytes} where sha256 = ${sha256}`;
}

/** Yields the same bytes in parts of one size, except the last; all parts share one buffer. */
async function* rechunk(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(size);
  let held = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const count = Math.min(piece.length - at, size - held);
      buffer.set(piece.subarray(at, at + count), held);
      at += count;
      held += count;
      if (held < size) continue;
      yield buffer;
      held = 0;
    }
  }
  if (held > 0) yield buffer.subarray(0, held);
}
