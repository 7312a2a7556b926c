/** Whether stored arrays, and the folder that they came from, still are what was imported. */

import { createHash } from 'node:crypto';
import { NarrowsError } from '../errors.ts';
import { canonicalJson } from '../models/canonical-json.ts';
import { sha256Of } from '../platform.ts';
import type { ArrayStore, DatasetDescription } from './description.ts';
import { openDatasetFiles } from './import/files.ts';
import { MANIFEST, readManifest } from './manifest.ts';

export interface Verification {
  /** Arrays read back from the store and hashed. */
  readonly arrays: number;
  /** The folder it was imported from. */
  readonly folder: string;
  /** Gone: there is no dataset in it any more. */
  readonly folderState: 'unchanged' | 'changed' | 'gone';
  /** Files (the manifest among them) that are not what was imported. */
  readonly changed: readonly string[];
}

/** Reads every stored array, checks its hash, and compares the folder's files. Throws NarrowsError `dataset-corrupt`, `dataset-missing`. */
export async function verifyDataset(store: ArrayStore, description: DatasetDescription): Promise<Verification> {
  const { x, targets, groups, ids, series, shards } = description;
  const stored = [
    ...[x, ...Object.values(targets).map(({ y }) => y)].flatMap(({ parts }) => parts.map(({ sha256 }) => sha256)),
    ...[groups?.parts ?? [], ids ?? [], series ?? []].flat(),
    ...shards.flatMap(({ nearDuplicates }) => nearDuplicates ?? []),
  ];
  for (const sha256 of stored) await requireIntact(store, sha256);
  const { folder } = description;
  const changed = await findChangedFiles(description);
  const folderState = changed === null ? 'gone' : changed.length > 0 ? 'changed' : 'unchanged';
  return { arrays: stored.length, folder, folderState, changed: changed ?? [] };
}

async function requireIntact(store: ArrayStore, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const piece of store.pieces(sha256)) hash.update(piece);
  if (hash.digest('hex') === sha256) return;
  throw new NarrowsError('dataset-corrupt', `the stored array ${sha256} does not hash to its address`, { kind: 'failure' });
}

/** Names of files that differ from what was imported or are missing; null where the folder holds no dataset. */
async function findChangedFiles({ folder, manifest, manifestSha256, files }: DatasetDescription): Promise<string[] | null> {
  const changed: string[] = [];
  try {
    const now = await readManifest(folder);
    // The name may be one given at import.
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
