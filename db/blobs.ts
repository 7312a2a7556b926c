/** Content-addressed blobs in Postgres, cached on the local disk. Reads check the hash. */
import { createHash } from 'node:crypto';
import { NarrowsError } from '../errors.ts';
import { sha256Of } from '../platform.ts';
import type { BlobCache } from './blob-cache.ts';
import type { Sql } from './client.ts';

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
   * Stores content piece by piece; stores equal content once. Throws NarrowsError `content-changed`
   * where the pieces differ from the declared hash or size, and stores nothing then.
   */
  put(content: BlobContent): Promise<void>;
  /** Throws NarrowsError `dataset-missing`, and `dataset-corrupt` where its bytes changed. */
  get(sha256: string): Promise<Uint8Array>;
  /** Reads the stored bytes in order, unchecked. Throws NarrowsError `dataset-missing`. */
  pieces(sha256: string): AsyncIterable<Uint8Array>;
}

/** `cache` keeps copies on this machine; null: none. */
export function createBlobStore(sql: Sql, cache: BlobCache | null): BlobStore {
  const bytesOf = async (sha256: string): Promise<number> => {
    const [row] = await sql<{ bytes: string }[]>`select bytes from blobs where sha256 = ${sha256}`;
    if (row) return Number(row.bytes);
    throw new NarrowsError('dataset-missing', `there is no stored array ${sha256}`, { kind: 'not-found' });
  };
  async function* partsOf(sha256: string): AsyncGenerator<Uint8Array> {
    const parts = sql<{ bytes: Buffer }[]>`select bytes from blob_parts where sha256 = ${sha256} order by part`.cursor(1);
    for await (const [part] of parts) if (part) yield part.bytes;
  }
  return {
    async put({ sha256, bytes, pieces }) {
      await sql.begin(async (transaction) => {
        // The row first: a concurrent writer of this blob waits here, and then finds it stored.
        const fresh = await transaction`
          insert into blobs (sha256, bytes) values (${sha256}, ${bytes}) on conflict do nothing returning 1`;
        if (fresh.length === 0) return;
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
      for await (const part of partsOf(sha256)) {
        if (at + part.length > whole.length) break;
        whole.set(part, at);
        at += part.length;
      }
      if (at !== whole.length || sha256Of(whole) !== sha256) {
        throw new NarrowsError('dataset-corrupt', `the stored array ${sha256} is corrupt: its hash differs`, {
          fix: 'import the dataset again into a fresh database',
          kind: 'failure',
        });
      }
      await cache?.write(sha256, whole);
      return whole;
    },

    async *pieces(sha256) {
      await bytesOf(sha256);
      yield* partsOf(sha256);
    },
  };
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
