/** Content-addressed blobs in Postgres, cached on the local disk. Reads check the hash. */
import { createHash } from 'node:crypto';
import { NarrowsError } from '../errors.ts';
import type { BlobCache } from './blob-cache.ts';
import { requireBlobLocation } from './blob-location.ts';
import { isDamagedCode, type Queryable, type Sql } from './client.ts';
import { damagedArrayError } from './damaged-array.ts';
import { MissingObject } from './objects/store.ts';

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

export interface StoredBlob {
  readonly sha256: string;
  readonly bytes: number;
}

/** The blobs of an installation, with what their housekeeping needs. */
export interface InstallationBlobs extends BlobStore {
  /** 's3://bucket/prefix'; null: Postgres. */
  readonly location: string | null;
  /** The same blobs without copies on this machine. */
  readonly uncached: BlobStore;
  /**
   * Throws NarrowsError `blobs-elsewhere` where the blobs are in another location, `blobs-taken`
   * where that is another installation's, and those of ObjectStore.
   */
  check(): Promise<void>;
  /** Deletes what a transaction that deletes the rows of blobs does not. Callers check first. */
  discard(hashes: readonly string[]): Promise<void>;
  /** Yields, in blocks, blobs in the location that need not have rows. Callers check first. */
  list(): AsyncIterable<readonly StoredBlob[]>;
}

/** `cache` keeps copies on this machine; null: none. */
export function createBlobStore(sql: Sql, cache: BlobCache | null): InstallationBlobs {
  const check = () => requireBlobLocation(sql, null);
  const reader = (copies: BlobCache | null) =>
    createBlobReader({ sql, cache: copies, check, read: (sha256) => partsOf(sql, sha256) });
  const put: BlobStore['put'] = async (content) => {
    await sql.begin(async (transaction) => {
      await requireBlobLocation(transaction, null);
      await storeParts(sql, transaction, content);
    });
  };
  return {
    location: null,
    put,
    ...reader(cache),
    uncached: { put, ...reader(null) },
    check,
    // The parts go with the rows.
    discard: async () => {},
    list: async function* () {},
  };
}

interface BlobSource {
  readonly sql: Sql;
  readonly cache: BlobCache | null;
  /** Throws where blobs are not where they are looked for. */
  check(): Promise<void>;
  /** Yields the bytes of a blob as they are stored; throws MissingObject where there are none. */
  read(sha256: string): AsyncIterable<Uint8Array>;
}

/** Returns the methods that read blobs, check them, and keep copies. */
export function createBlobReader({ sql, cache, check, read }: BlobSource): Pick<BlobStore, 'get' | 'pieces'> {
  /** Returns the error for a damaged blob; throws where it is looked for in the wrong place. */
  const damaged = async (sha256: string, damage: 'missing' | 'changed', cause?: unknown) => {
    await check();
    return damagedArrayError(sql, sha256, damage, cause);
  };
  /** Yields the bytes as they are stored, without this machine's copy, and checks them. */
  async function* stored(sha256: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    try {
      for await (const part of read(sha256)) {
        hash.update(part);
        yield part;
      }
    } catch (error) {
      if (error instanceof MissingObject) throw await damaged(sha256, 'missing', error);
      throw isDamagedCode((error as { code?: string }).code ?? '') ? await damaged(sha256, 'changed', error) : error;
    }
    if (hash.digest('hex') !== sha256) throw await damaged(sha256, 'changed');
  }
  /** Returns the declared size. */
  const bytesOf = async (sha256: string): Promise<number> => {
    const [row] = await sql<{ bytes: string }[]>`select bytes from blobs where sha256 = ${sha256}`;
    if (row) return Number(row.bytes);
    throw await damaged(sha256, 'missing');
  };
  return {
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
      if (at !== whole.length) throw await damaged(sha256, 'changed');
      await cache?.write(sha256, whole);
      return whole;
    },

    async *pieces(sha256) {
      await bytesOf(sha256);
      yield* stored(sha256);
    },
  };
}

/**
 * Stores content in parts in a transaction, unless it is stored intact. Throws as `put` does; the
 * pool reads what damage there is, since the transaction has failed by then.
 */
export async function storeParts(sql: Sql, transaction: Queryable, { sha256, bytes, pieces }: BlobContent): Promise<void> {
  // The row first: a concurrent writer of this blob waits here, and then finds it stored.
  const fresh = await transaction`
    insert into blobs (sha256, bytes) values (${sha256}, ${bytes}) on conflict do nothing returning 1`;
  if (fresh.length === 0) {
    if (await isIntact(transaction, sha256)) return;
    await discardParts(transaction, sha256, bytes).catch(async (error: unknown) => {
      throw await damagedArrayError(sql, sha256, 'changed', error);
    });
  }
  let number = 0;
  for await (const part of checkedParts({ sha256, bytes, pieces }, PART_BYTES))
    await transaction`insert into blob_parts (sha256, part, bytes) values (${sha256}, ${number++}, ${part})`;
}

/**
 * Yields content in parts of one size, but for the last; all share one buffer. Throws NarrowsError
 * `content-changed` at the end where the pieces differ from the declared hash or size.
 */
export async function* checkedParts({ sha256, bytes, pieces }: BlobContent, partBytes: number): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let read = 0;
  for await (const part of rechunk(pieces, Math.max(1, Math.min(partBytes, bytes)))) {
    hash.update(part);
    read += part.length;
    if (read > bytes) break;
    yield part;
  }
  if (read === bytes && hash.digest('hex') === sha256) return;
  throw new NarrowsError('content-changed', `the content of ${sha256} changed while it was being stored`, {
    fix: 'import it again',
    kind: 'failure',
  });
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
async function discardParts(sql: Queryable, sha256: string, bytes: number): Promise<void> {
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
