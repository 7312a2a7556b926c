/** The version of a dataset: see docs/decisions/0003-dataset-version.md. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../models/canonical-json.ts';
import type { Manifest } from '../manifest.ts';
import type { DatasetFolder } from './folder.ts';

/** Returns the sha256 of the canonical manifest and of the hashes of all files, by reference. */
export function computeVersion(manifest: Manifest, files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(canonicalJson(manifest));
  for (const reference of Object.keys(files).sort()) hash.update(`\n${reference} ${files[reference]}`);
  return hash.digest('hex');
}

/** Returns the sha256 of every file that the manifest names, by reference. */
export async function hashFiles(folder: DatasetFolder, manifest: Manifest): Promise<Record<string, string>> {
  const { descriptors, targets, ids, groups, series, geometry } = manifest;
  const references = [
    'from' in descriptors ? descriptors.from.file : descriptors.file,
    ...Object.values(targets).flatMap((target) => ('file' in target ? [target.file, target.energies ?? target.file] : [])),
    ...[ids?.file, groups?.file, series?.file, geometry].filter((file) => file !== undefined),
  ];
  const hashes: Record<string, string> = {};
  for (const reference of references) hashes[reference] = await folder.hash(reference);
  return hashes;
}
