/** Verifies stored arrays, and compares the source folder with the import. */
import type { NarrowsError } from '../errors.ts';
import { canonicalJson } from '../models/canonical-json.ts';
import { sha256Of } from '../platform.ts';
import { type ArrayStore, arraysOf, type DatasetDescription } from './description.ts';
import { openDatasetFiles } from './import/files.ts';
import { readManifest } from './manifest.ts';
import { MANIFEST } from './manifest-name.ts';

export interface Verification {
  /** Number of stored arrays that were read and hashed. */
  readonly arrays: number;
  /** Source folder of the import. */
  readonly folder: string;
  /** `gone`: it does not contain a dataset any more. */
  readonly folderState: 'unchanged' | 'changed' | 'gone';
  /** Files, including the manifest, that differ from the import. */
  readonly changed: readonly string[];
}

/** Checks stored arrays and the folder's files. Throws NarrowsError `dataset-corrupt`. */
export async function verifyDataset(store: ArrayStore, description: DatasetDescription): Promise<Verification> {
  const stored = arraysOf(description);
  for (const sha256 of stored) for await (const _ of store.pieces(sha256));
  const { folder } = description;
  const changed = await findChangedFiles(description);
  const folderState = changed === null ? 'gone' : changed.length > 0 ? 'changed' : 'unchanged';
  return { arrays: stored.length, folder, folderState, changed: changed ?? [] };
}

/** Returns the files that differ from the import; null where the folder has no dataset. */
async function findChangedFiles({ folder, manifest, manifestSha256, files }: DatasetDescription): Promise<string[] | null> {
  const changed: string[] = [];
  try {
    const now = await readManifest(folder);
    // The name may have been replaced at the import.
    const same = manifestSha256
      ? sha256Of(canonicalJson(now)) === manifestSha256
      : canonicalJson({ ...now, name: manifest.name }) === canonicalJson(manifest);
    if (!same) changed.push(MANIFEST);
  } catch (error) {
    if ((error as NarrowsError).code === 'manifest-missing') return null;
    changed.push(MANIFEST);
  }
  const open = openDatasetFiles(folder);
  for (const [reference, sha256] of Object.entries(files)) {
    const now = await open.hash(reference).catch(() => null);
    if (now !== sha256) changed.push(reference);
  }
  return changed;
}
