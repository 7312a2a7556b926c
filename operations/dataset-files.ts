/** Datasets and the folders that they come from. */
import { checkInBox } from '../datasets/box/box.ts';
import { joinLineage } from '../datasets/description.ts';
import { withScratch } from '../datasets/files/scratch.ts';
import type { CheckedDataset } from '../datasets/import/check.ts';
import { storeDataset } from '../datasets/import/store.ts';
import type { Warning } from '../datasets/import/warning.ts';
import { findWarnings } from '../datasets/import/warnings.ts';
import { type Verification, verifyDataset } from '../datasets/verification.ts';
import { createBlobStore } from '../db/blobs.ts';
import { findDatasetVersion, saveDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { type AppendedShard, appendShard } from './append.ts';
import type { Storage } from './servers.ts';

export interface ImportedDataset {
  readonly name: string;
  readonly version: string;
  /** False where the same content had been imported before. */
  readonly created: boolean;
  readonly rows: number;
  readonly targets: readonly string[];
  readonly warnings: readonly Warning[];
}

export interface FolderOptions {
  /** Folder on a disk with room for what the rows take while they are checked. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/**
 * Checks a dataset folder and stores it as a version. `connect` opens the storage once the folder
 * is known to be sound; `onWarning` is called before. Throws NarrowsErrors of checkInBox.
 */
export async function importDataset(
  folder: string,
  {
    scratch,
    signal,
    name,
    onWarning,
  }: FolderOptions & { readonly name?: string | undefined; onWarning?(warning: Warning): void },
  connect: <T>(work: (storage: Storage) => Promise<T>) => Promise<T>,
): Promise<ImportedDataset> {
  return withScratch(
    scratch,
    async (files) => {
      const checked = await checkInBox(folder, files, { name, signal });
      const warnings = findWarnings(checked);
      if (onWarning) warnings.forEach(onWarning);
      return connect(async (storage) => ({ ...(await store(storage, checked)), warnings }));
    },
    signal,
  );
}

async function store({ db, blobs }: Storage, checked: CheckedDataset): Promise<Omit<ImportedDataset, 'warnings'>> {
  const { name, version, created, rows, description } = await storeDataset(checked, blobs, (row) =>
    saveDatasetVersion(db.sql, row),
  );
  return { name, version, created, rows, targets: Object.keys(description.targets) };
}

/** Appends the new rows of a folder as a version. Throws as appendShard. */
export const appendFolder = (
  { db, blobs }: Storage,
  name: string,
  folder: string,
  { scratch, signal }: FolderOptions,
): Promise<AppendedShard> =>
  withScratch(scratch, (files) => appendShard({ db, blobs, scratch: files }, name, folder, { signal }), signal);

/** Checks the hashes of the stored arrays, and compares the folder of origin. */
export async function verifyVersion(
  { db }: Pick<Storage, 'db'>,
  reference: string,
): Promise<Verification & { readonly name: string; readonly version: string }> {
  const row = await findDatasetVersion(db.sql, reference);
  // Without this machine's copies: what is verified is what is stored.
  const result = await verifyDataset(createBlobStore(db.sql, null), joinLineage(row));
  return { name: row.name, version: row.version, ...result };
}
