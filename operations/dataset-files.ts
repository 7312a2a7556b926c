/** Datasets and the folders that they come from. */
import { checkInBox } from '../datasets/box/box.ts';
import { withScratch } from '../datasets/files/scratch.ts';
import type { Warning } from '../datasets/import/warning.ts';
import type { Verification } from '../datasets/verification.ts';
import type { AppendedShard } from './append.ts';
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
      // The box starts first; the rest is loaded while it reads.
      const [checked, { findWarnings }, { storeDataset }, { saveDatasetVersion }, { withArraysHeld }] = await Promise.all([
        checkInBox(folder, files, { name, signal }),
        import('../datasets/import/warnings.ts'),
        import('../datasets/import/store.ts'),
        loadQueries(),
        import('../db/queries/lifecycle/arrays.ts'),
      ]);
      const warnings = findWarnings(checked);
      if (onWarning) warnings.forEach(onWarning);
      return connect(async ({ db, blobs }) => {
        const { description, ...stored } = await withArraysHeld(db.sql, (transaction) =>
          storeDataset(checked, blobs, (row) => saveDatasetVersion(transaction, row)),
        );
        return { ...stored, targets: Object.keys(description.targets), warnings };
      });
    },
    signal,
  );
}

const loadQueries = () => import('../db/queries/datasets/datasets.ts');

/** Appends the new rows of a folder as a version. Throws as appendShard. */
export async function appendFolder(
  { db, blobs }: Storage,
  name: string,
  folder: string,
  { scratch, signal }: FolderOptions,
): Promise<AppendedShard> {
  const { appendShard } = await import('./append.ts');
  return withScratch(scratch, (files) => appendShard({ db, blobs, scratch: files }, name, { folder }, { signal }), signal);
}

/** Checks the hashes of the stored arrays, and compares the folder of origin. */
export async function verifyVersion(
  { db, blobs }: Storage,
  reference: string,
): Promise<Verification & { readonly name: string; readonly version: string }> {
  const [{ findDatasetVersion }, { joinLineage }, { verifyDataset }] = await Promise.all([
    loadQueries(),
    import('../datasets/description.ts'),
    import('../datasets/verification.ts'),
  ]);
  const row = await findDatasetVersion(db.sql, reference);
  // Without this machine's copies: what is verified is what is stored.
  const result = await verifyDataset(blobs.uncached, joinLineage(row));
  return { name: row.name, version: row.version, ...result };
}
