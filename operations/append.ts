/** Appending rows to a dataset. */
import { checkArchiveInBox, checkInBox } from '../datasets/box/box.ts';
import type { BoxOptions } from '../datasets/box/process.ts';
import { joinLineage } from '../datasets/description.ts';
import type { OwnScratch } from '../datasets/files/scratch.ts';
import { appendRows } from '../datasets/import/append.ts';
import type { Warning } from '../datasets/import/warning.ts';
import type { BlobStore } from '../db/blobs.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion, saveDatasetVersion, withDatasetLock } from '../db/queries/datasets/datasets.ts';

export interface AppendedShard {
  readonly name: string;
  /** The newest version afterwards: the new one, or the old where nothing was new. */
  readonly version: string;
  readonly parent: string;
  /** False where the folder had no new rows, or had been appended to this parent before. */
  readonly created: boolean;
  readonly rows: number;
  readonly added: number;
  readonly duplicates: number;
  readonly tied: number;
  readonly changed: number;
  /** About the values of the folder. */
  readonly warnings: Warning[];
}

/** A folder, or a zip archive with one, which may unpack to `maxBytes`. */
export type ShardFiles = { readonly folder: string } | { readonly archive: string; readonly maxBytes?: number };

/**
 * Checks a folder and appends the rows that the newest version of `name` lacks. `as`: the original
 * of what is a copy. A second call with the same folder adds nothing. Throws NarrowsErrors of
 * checkInBox, of checkArchiveInBox, `dataset-missing`, `shard-differs`.
 */
export async function appendShard(
  { db, blobs, scratch }: { readonly db: Database; readonly blobs: BlobStore; readonly scratch: OwnScratch },
  name: string,
  files: ShardFiles,
  { as, ...box }: BoxOptions & { readonly as?: string } = {},
): Promise<AppendedShard> {
  const checked = await ('folder' in files
    ? checkInBox(files.folder, scratch, box)
    : checkArchiveInBox(files.archive, scratch, { ...box, maxBytes: files.maxBytes }));
  const shard = as === undefined ? checked : { ...checked, folder: as };
  return withDatasetLock(db.sql, name.split('@')[0] as string, async (transaction) => {
    const row = await findDatasetVersion(transaction, name);
    const parent = joinLineage(row);
    const { description, ...appended } = await appendRows({ ...parent, version: row.version }, shard, blobs, box.signal);
    const rows = parent.rows + appended.added;
    const root = row.ancestors[0]?.version ?? row.version;
    const created =
      description !== null &&
      (await saveDatasetVersion(transaction, {
        name: row.name,
        version: appended.version,
        description,
        appendedTo: { root, parent: row.version, rows },
      }));
    return { name: row.name, parent: row.version, created, rows, ...appended, warnings: [...shard.warnings] };
  });
}
