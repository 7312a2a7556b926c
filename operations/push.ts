/** Rows that a job sends instead of leaving them in a folder. */
import { join } from 'node:path';
import { withScratch } from '../datasets/files/scratch.ts';
import { type FetchLimits, receiveArchive, unpackDataset } from '../datasets/sources/archive.ts';
import { withCopyFolder } from '../datasets/sources/copy-folder.ts';
import type { BlobStore } from '../db/blobs.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { type AppendedShard, appendShard } from './append.ts';

export interface PushPorts {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** A folder on a disk with room for the archive, and for what it unpacks to. */
  readonly scratch: string;
}

/**
 * Receives a dataset folder as a zip archive, and appends what it has and the newest version of
 * `name` has not; sent twice, it adds nothing the second time. `signal`: until the archive is
 * there; what came whole is taken. Throws NarrowsErrors of receiveArchive, unpackDataset and
 * appendShard.
 */
export async function pushShard(
  { db, blobs, scratch }: PushPorts,
  name: string,
  body: ReadableStream<Uint8Array>,
  { signal, limits }: { readonly signal?: AbortSignal; readonly limits?: FetchLimits } = {},
): Promise<AppendedShard> {
  // Before anything is sent for nothing.
  await findDatasetVersion(db.sql, name);
  return withCopyFolder(scratch, async (folder) => {
    const archive = join(folder, 'archive.zip');
    const sha256 = await receiveArchive(body, archive, { signal, ...(limits && { limits }) });
    const shard = await unpackDataset(archive, limits);
    return withScratch(folder, (files) =>
      appendShard({ db, blobs, scratch: files }, name, shard, { as: `archive ${sha256.slice(0, 12)}` }),
    );
  });
}
