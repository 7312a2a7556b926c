/** Shards that are uploaded instead of left in a folder. */
import { join } from 'node:path';
import type { BoxOptions } from '../datasets/box/process.ts';
import { withScratch } from '../datasets/files/scratch.ts';
import { FETCH_LIMITS, type FetchLimits, receiveArchive } from '../datasets/sources/archive.ts';
import { withCopyFolder } from '../datasets/sources/copy-folder.ts';
import type { BlobStore } from '../db/blobs.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { type AppendedShard, appendShard } from './append.ts';

export interface PushPorts {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Folder on a disk with room for the archive and its content. */
  readonly scratch: string;
  /** Called when a process that reads an archive has ended. */
  readonly onBoxEnd?: BoxOptions['onEnd'];
}

/** Runs work when it is its turn. */
type Turn = <T>(work: () => Promise<T>) => Promise<T>;

const atOnce: Turn = (work) => work();

interface PushOptions {
  readonly signal?: AbortSignal;
  readonly limits?: FetchLimits;
  /** Turn of the upload, which waits for its client. */
  readonly whenReceiving?: Turn;
  /** Turn of the expensive rest, which waits for nobody. */
  readonly whenAppending?: Turn;
}

/**
 * Receives a dataset folder as a zip archive and appends the rows that the newest version of `name`
 * lacks. `signal` aborts the upload; an archive that is complete is appended. Throws NarrowsErrors
 * of receiveArchive and appendShard.
 */
export async function pushShard(
  { db, blobs, scratch, onBoxEnd }: PushPorts,
  name: string,
  body: ReadableStream<Uint8Array>,
  { signal, limits = FETCH_LIMITS, whenReceiving = atOnce, whenAppending = atOnce }: PushOptions = {},
): Promise<AppendedShard> {
  // Fails before an upload that would be in vain.
  await findDatasetVersion(db.sql, name);
  return withCopyFolder(scratch, async (folder) => {
    const archive = join(folder, 'archive.zip');
    const sha256 = await whenReceiving(() => receiveArchive(body, archive, { signal, limits }));
    const shard = { archive, maxBytes: limits.bytes };
    const options = { as: `archive ${sha256.slice(0, 12)}`, isBackground: true, onEnd: onBoxEnd };
    return whenAppending(() => withScratch(folder, (files) => appendShard({ db, blobs, scratch: files }, name, shard, options)));
  });
}
