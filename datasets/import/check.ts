/** Reads and checks a whole dataset folder, chunk by chunk, before anything is stored. */
import { createHash } from 'node:crypto';
import { NarrowsError } from '../../errors.ts';
import { canonicalJson } from '../../models/canonical-json.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { varies } from '../column-statistics.ts';
import type { StoredDescription } from '../description.ts';
import { type FileSource, toFileSource } from '../files/file-source.ts';
import type { Scratch } from '../files/scratch.ts';
import { isStructuresFile } from '../formats/structures/file-names.ts';
import { type ColumnReference, type Manifest, readManifest, requireDatasetName } from '../manifest.ts';
import { MANIFEST } from '../manifest-name.ts';
import { findNearDuplicates, type NearDuplicates } from '../near-duplicates/near-duplicates.ts';
import { type Descriptors, readDescriptors } from './descriptors.ts';
import { type DatasetFolder, openDatasetFolder } from './folder.ts';
import { type ReadMonitor, UNMONITORED } from './monitor.ts';
import { requireNoUnderflow } from './precision.ts';
import type { RowCount, RowNames } from './spectra.ts';
import {
  type ListSpool,
  openGroupSpool,
  openListSpool,
  readList,
  type SpooledList,
  type SpooledMatrix,
  spoolList,
} from './spool.ts';
import { findStructureWarnings } from './structure-warnings.ts';
import { type CheckedTarget, readTargets } from './targets.ts';
import { findValueWarnings } from './value-warnings.ts';
import type { Warning } from './warning.ts';

/** A folder that passed every check; its arrays are in scratch files. */
export interface CheckedDataset
  extends Omit<Descriptors, 'file' | 'names'>,
    Pick<StoredDescription, 'manifest' | 'varying' | 'files' | 'folder'> {
  /** 64 hexadecimal characters. */
  readonly version: string;
  readonly targets: Readonly<Record<string, CheckedTarget>>;
  readonly nearDuplicates: NearDuplicates;
  /** About how the targets were read. */
  readonly warnings: readonly Warning[];
}

export interface CheckOptions {
  /** Replaces the name of the manifest, without effect on the version. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly monitor?: ReadMonitor;
}

/** Checks a folder. The result is valid as long as the scratch files. */
export async function checkDatasetFolder(
  from: string | FileSource,
  scratch: Scratch,
  { name, signal, monitor = UNMONITORED }: CheckOptions = {},
): Promise<CheckedDataset> {
  monitor.begin(MANIFEST);
  const source = toFileSource(from);
  const manifest = await readManifest(source);
  const folder = openDatasetFolder(source, scratch, monitor);
  const { file, x, columns, names, structures, ...labels } = await readDescriptors(folder, scratch, manifest, {
    signal,
    monitor,
  });
  const requireRows: RowCount['require'] = (found, other, { unit = 'rows', fix } = {}) => {
    if (found === x.rows) return;
    const expected = 'from' in manifest.descriptors ? `${file} gives ${x.rows}` : `${file} has ${x.rows}`;
    throw new NarrowsError('rows-mismatch', `${other} has ${found} ${unit}, ${expected}`, { path: other, fix });
  };
  if ('file' in manifest.descriptors) requireDescriptors(x, columns, file);
  const readColumn = async <T extends SpooledList>(
    reference: ColumnReference | undefined,
    openSpool: (scratch: Scratch) => Promise<ListSpool<T>>,
  ) => {
    if (!reference || isStructuresFile(reference.file)) return null;
    const spool = await openSpool(scratch);
    for await (const values of folder.column(reference.file, reference.column)) await spool.add(values);
    const list = await spool.end();
    const unnamed = 'the first line of a text table has the names of its columns: add it where it is missing';
    requireRows(list.length, reference.file, { fix: list.length === x.rows - 1 ? unnamed : undefined });
    return list;
  };
  let given: SpooledList | null = null;
  const readIds = async () => {
    given ??= (await readColumn(manifest.ids, openListSpool)) ?? labels.ids;
    return given;
  };
  const rows: RowCount = {
    expected: x.rows,
    names: async () => nameRows(manifest, names, await readIds()),
    require: requireRows,
  };
  const { targets, warnings, files: spectra } = await readTargets(folder, scratch, manifest, rows);
  const groups = labels.groups ?? (await readColumn(manifest.groups, openGroupSpool));
  const ids = (await readIds()) ?? (spectra && (await spoolList(scratch, spectra)));
  const series = labels.series ?? (await readColumn(manifest.series, openListSpool));
  if (manifest.geometry !== undefined) {
    let found = 0;
    for await (const chunk of folder.rows(manifest.geometry)) found += chunk.rows;
    requireRows(found, manifest.geometry);
  }
  const files = await hashFiles(folder, manifest);
  monitor.begin(file);
  return {
    manifest: name === undefined ? manifest : { ...manifest, name: requireDatasetName(name) },
    version: computeVersion(manifest, files),
    x,
    columns,
    structures,
    varying: x.statistics.filter(varies).length,
    targets,
    warnings: [
      ...warnings,
      ...(structures ? findStructureWarnings(structures) : []),
      ...findValueWarnings({ manifest, columns, x, targets }),
    ],
    groups,
    ids,
    series,
    nearDuplicates: await findNearDuplicates(x),
    files,
    folder: source.path,
  };
}

/** Returns the names by which spectra of one file each find their rows; null where none do. */
async function nameRows(
  { ids, descriptors }: Manifest,
  files: readonly string[] | null,
  given: SpooledList | null,
): Promise<RowNames | null> {
  if (files !== null) return { list: files, areFiles: true };
  if (ids === undefined || given === null) return null;
  const list = await readList(given);
  // Ids of sites have the number of their atom behind them.
  const areOfFrames = 'from' in descriptors && isStructuresFile(ids.file);
  return { list: areOfFrames ? list.map((id) => id.replace(/:\d+$/, '')) : list, areFiles: false };
}

/** Throws NarrowsError `values-underflow`. */
function requireDescriptors({ statistics }: SpooledMatrix, columns: readonly DescriptorColumn[], file: string): void {
  for (const [at, column] of statistics.entries()) {
    requireNoUnderflow([column], `${columns[at]?.name} in ${file}`, `descriptors.columns.${at}`);
  }
}

/** Returns the hash of manifest and files: see docs/decisions/0003-dataset-version.md. */
function computeVersion(manifest: Manifest, files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(canonicalJson(manifest));
  for (const reference of Object.keys(files).sort()) hash.update(`\n${reference} ${files[reference]}`);
  return hash.digest('hex');
}

/** Returns the sha256 of every file that the manifest names, by reference. */
async function hashFiles(folder: DatasetFolder, manifest: Manifest): Promise<Record<string, string>> {
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
