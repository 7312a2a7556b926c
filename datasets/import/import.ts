/**
 * From a dataset folder to a stored version: everything is checked before anything is kept, and the version's row comes last. Arrays go through scratch files, chunk by chunk.
 */

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import { canonicalJson } from '../../models/canonical-json.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import {
  type ArrayStore,
  type BlobContent,
  type StoredArray,
  type StoredDescription,
  type StoredTarget,
  storeJson,
} from '../description.ts';
import { type DescribedRows, describeStructures } from '../descriptors/describe.ts';
import type { Scratch } from '../files/scratch.ts';
import { STRUCTURES_FILE } from '../formats/extxyz.ts';
import {
  type ColumnReference,
  MANIFEST,
  type Manifest,
  readManifest,
  requireDatasetName,
  type SpectraTarget,
} from '../manifest.ts';
import { findNearDuplicates } from '../near-duplicates/near-duplicates.ts';
import { type DatasetFolder, openDatasetFolder } from './folder.ts';
import { computeMoments } from './moments.ts';
import {
  type ListSpool,
  openGroupSpool,
  openListSpool,
  openMatrixSpool,
  type SpooledGroups,
  type SpooledList,
  type SpooledMatrix,
  spoolMatrix,
} from './spool.ts';

export interface CheckedTarget extends Omit<StoredTarget, 'y'> {
  readonly y: SpooledMatrix;
}

/** A folder that passed every check; its arrays lie in scratch files. */
export interface CheckedDataset {
  readonly manifest: Manifest;
  /** 64 hexadecimal characters. */
  readonly version: string;
  readonly x: SpooledMatrix;
  readonly columns: readonly DescriptorColumn[];
  /** Columns of X that vary. */
  readonly varying: number;
  readonly targets: Readonly<Record<string, CheckedTarget>>;
  readonly groups: SpooledGroups | null;
  readonly ids: SpooledList | null;
  readonly series: SpooledList | null;
  /** Rows whose structure is, or nearly is, that of an earlier one: see twinsWithin. */
  readonly nearDuplicates: readonly (readonly [number, number])[];
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

export interface CheckOptions {
  /** Kept instead of the manifest's; the version is that of the folder all the same. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads and checks a whole folder. What comes of it lasts as long as the scratch files. Throws NarrowsErrors that name file, row and column. */
export async function checkDatasetFolder(
  directory: string,
  scratch: Scratch,
  { name, signal }: CheckOptions = {},
): Promise<CheckedDataset> {
  const manifest = await readManifest(directory);
  const folder = openDatasetFolder(directory, scratch);
  const { file, x, columns, ...ofFrames } = await readDescriptors(folder, scratch, manifest, signal);
  const aligned = (rows: number, other: string) => {
    if (rows === x.rows) return;
    const theirs = 'from' in manifest.descriptors ? `${file} gives ${x.rows}` : `${file} has ${x.rows}`;
    throw new NarrowsError('rows-mismatch', `${other} has ${rows} rows, ${theirs}`, { path: other });
  };
  const targets = await readTargets(folder, scratch, manifest, aligned);
  const list = async <T extends SpooledList>(
    reference: ColumnReference | undefined,
    openSpool: (scratch: Scratch) => Promise<ListSpool<T>>,
  ) => {
    if (!reference || STRUCTURES_FILE.test(reference.file)) return null;
    const spool = await openSpool(scratch);
    for await (const values of folder.column(reference.file, reference.column)) await spool.add(values);
    const labels = await spool.end();
    aligned(labels.length, reference.file);
    return labels;
  };
  const groups = ofFrames.groups ?? (await list(manifest.groups, openGroupSpool));
  const ids = (await list(manifest.ids, openListSpool)) ?? ofFrames.ids;
  const series = ofFrames.series ?? (await list(manifest.series, openListSpool));
  if (manifest.geometry !== undefined) {
    let rows = 0;
    for await (const chunk of folder.rows(manifest.geometry)) rows += chunk.rows;
    aligned(rows, manifest.geometry);
  }
  const files = await hashFiles(folder, manifest);
  return {
    manifest: name === undefined ? manifest : { ...manifest, name: requireDatasetName(name) },
    version: versionOf(manifest, files),
    x,
    columns,
    varying: await countVaryingColumns(x),
    targets,
    groups,
    ids,
    series,
    nearDuplicates: await findNearDuplicates(x),
    files,
    folder: resolve(directory),
  };
}

interface Descriptors {
  readonly file: string;
  readonly x: SpooledMatrix;
  readonly columns: readonly DescriptorColumn[];
  /** What the frames of structures say; null of a table. */
  readonly ids: SpooledList | null;
  readonly groups: SpooledGroups | null;
  readonly series: SpooledList | null;
}

const descriptorsFile = ({ descriptors }: Manifest) => ('from' in descriptors ? descriptors.from.file : descriptors.file);

async function readDescriptors(
  folder: DatasetFolder,
  scratch: Scratch,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<Descriptors> {
  const { descriptors, ids, groups, series } = manifest;
  requireReference(ids, 'ids', manifest);
  requireReference(groups, 'groups', manifest);
  requireReference(series, 'series', manifest);
  if ('from' in descriptors) {
    const { from } = descriptors;
    const labels = {
      ids: (ids && STRUCTURES_FILE.test(ids.file) && ids.key) || null,
      groups: groups && STRUCTURES_FILE.test(groups.file) ? (groups.key ?? null) : undefined,
      series: series && STRUCTURES_FILE.test(series.file) ? (series.key ?? null) : undefined,
    };
    return {
      file: from.file,
      ...(await spoolRows(scratch, describeStructures(folder.stream(from.file), from, labels, { signal }))),
    };
  }
  const { file, columns } = descriptors;
  const x = await spoolMatrix(scratch, folder.matrix(file));
  if (x.rows === 0) throw new NarrowsError('dataset-empty', `${file} has no row`, { path: file });
  requireColumns(x, columns.length, file, 'descriptors.columns');
  requireColumnOrder(await folder.header(file), columns, file);
  return { file, x, columns, ids: null, groups: null, series: null };
}

/** Everything that was described, in as many lists as the rows have. */
async function spoolRows(scratch: Scratch, parts: AsyncIterable<DescribedRows>): Promise<Omit<Descriptors, 'file'>> {
  const [x, ids] = [await openMatrixSpool(scratch), await openListSpool(scratch)];
  let columns: readonly DescriptorColumn[] = [];
  let [groups, series]: [ListSpool<SpooledGroups> | null, ListSpool | null] = [null, null];
  for await (const { rows, ...described } of parts) {
    columns = described.columns;
    await x.add({ rows: rows.ids.length, columns: columns.length, data: rows.x });
    await ids.add(rows.ids);
    if (rows.groups !== null) {
      groups ??= await openGroupSpool(scratch);
      await groups.add(rows.groups);
    }
    if (rows.series !== null) {
      series ??= await openListSpool(scratch);
      await series.add(rows.series);
    }
  }
  return {
    x: x.end(),
    columns,
    ids: await ids.end(),
    groups: groups && (await groups.end()),
    series: series && (await series.end()),
  };
}

/** Tables have columns, structures keys; and rows have only those structures that they are computed from. */
function requireReference(
  reference: ColumnReference | undefined,
  path: 'ids' | 'groups' | 'series',
  { descriptors }: Manifest,
): void {
  if (reference === undefined) return;
  const { file, column, key } = reference;
  const fault = (at: string, message: string, fix: string) =>
    new NarrowsError('manifest-invalid', `${MANIFEST}: ${path}.${at}: ${message}`, { path: `${path}.${at}`, fix });
  if (!STRUCTURES_FILE.test(file)) {
    if (key === undefined) return;
    throw fault('key', `${file} is a table`, 'name its column: { file: ..., column: ... }');
  }
  if (column !== undefined)
    throw fault('column', `${file} holds structures`, 'name a key of its comment lines: { file: ..., key: ... }');
  if ('from' in descriptors && descriptors.from.file === file) return;
  throw fault('file', `the descriptors are not computed from ${file}`, 'name the file under descriptors.from, or a table');
}

/** Spectra first, whatever the order: moments are computed from them. */
async function readTargets(
  folder: DatasetFolder,
  scratch: Scratch,
  { targets }: Manifest,
  aligned: (rows: number, file: string) => void,
): Promise<Record<string, CheckedTarget>> {
  const spectra: Record<string, CheckedTarget> = {};
  for (const [target, about] of Object.entries(targets)) {
    if (!('file' in about)) continue;
    const y = await spoolMatrix(scratch, folder.matrix(about.file));
    aligned(y.rows, about.file);
    const { energies } = about;
    spectra[target] = { y, energies: energies === undefined ? null : await readEnergies(folder, energies, y, about.file) };
  }
  const whole: Record<string, CheckedTarget> = {};
  for (const [target, about] of Object.entries(targets)) {
    if ('file' in about) {
      whole[target] = spectra[target] as CheckedTarget;
      continue;
    }
    // The manifest was checked: these are spectra with energies.
    const { y, energies } = spectra[about.moments.of] as { y: SpooledMatrix; energies: readonly number[] };
    const of = { about: targets[about.moments.of] as SpectraTarget, energies, chunks: y.chunks };
    const { columns, chunks } = computeMoments(target, about, of);
    whole[target] = { y: await spoolMatrix(scratch, chunks()), columns, energies: null };
  }
  return whole;
}

/** Stores a checked dataset; `save` writes the version's row and says whether it is new. */
export async function storeDataset(
  dataset: CheckedDataset,
  store: ArrayStore,
  save: (row: { name: string; version: string; description: StoredDescription }) => Promise<boolean>,
): Promise<{ name: string; version: string; rows: number; created: boolean; description: StoredDescription }> {
  const { manifest, version, x, columns, varying, groups, ids, series, nearDuplicates: ties, files, folder } = dataset;
  const targets: Record<string, StoredTarget> = {};
  for (const [target, checked] of Object.entries(dataset.targets))
    targets[target] = { ...checked, y: await storeMatrix(store, checked.y) };
  const description: StoredDescription = {
    manifest,
    rows: x.rows,
    columns,
    varying,
    x: await storeMatrix(store, x),
    targets,
    groups: groups && { sha256: await storeContent(store, groups), count: groups.sizes.size },
    ids: ids && (await storeContent(store, ids)),
    series: series && (await storeContent(store, series)),
    ties: ties.length > 0 ? await storeJson(store, ties) : null,
    files,
    folder,
  };
  const created = await save({ name: manifest.name, version, description });
  return { name: manifest.name, version, rows: x.rows, created, description };
}

async function storeContent(store: ArrayStore, { content }: { readonly content: BlobContent }): Promise<string> {
  await store.put(content);
  return content.sha256;
}

async function storeMatrix(store: ArrayStore, matrix: SpooledMatrix): Promise<StoredArray> {
  return { sha256: await storeContent(store, matrix), rows: matrix.rows, columns: matrix.columns };
}

/** sha256 of the canonical manifest and of each file's raw bytes, by reference: see docs/decisions/0003-dataset-version.md. */
export function versionOf(manifest: Manifest, files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(canonicalJson(manifest));
  for (const reference of Object.keys(files).sort()) hash.update(`\n${reference} ${files[reference]}`);
  return hash.digest('hex');
}

/** sha256 of every file that the manifest names, by reference. */
async function hashFiles(folder: DatasetFolder, manifest: Manifest): Promise<Record<string, string>> {
  const references = [
    descriptorsFile(manifest),
    ...Object.values(manifest.targets).flatMap((target) =>
      'file' in target ? [target.file, target.energies ?? target.file] : [],
    ),
    ...[manifest.ids?.file, manifest.groups?.file, manifest.series?.file, manifest.geometry].filter((file) => file !== undefined),
  ];
  const result: Record<string, string> = {};
  for (const reference of references) result[reference] = await folder.hash(reference);
  return result;
}

async function readEnergies(folder: DatasetFolder, reference: string, y: SpooledMatrix, file: string): Promise<number[]> {
  const energies = await folder.numbers(reference);
  if (energies.length !== y.columns) {
    throw new NarrowsError('columns-mismatch', `${reference} has ${energies.length} energies, ${file} has ${y.columns} columns`, {
      path: reference,
    });
  }
  const fall = energies.findIndex((energy, i) => i > 0 && energy <= (energies[i - 1] as number));
  if (fall > 0) {
    throw new NarrowsError('energies-not-rising', `${reference}: the energy in row ${fall} does not rise`, {
      path: `${reference}[${fall}]`,
      fix: `sort the energies, and the columns of ${file} with them`,
    });
  }
  return [...energies];
}

async function countVaryingColumns(x: SpooledMatrix): Promise<number> {
  let first: Float32Array | null = null;
  const varying = new Uint8Array(x.columns);
  for await (const { columns, data } of x.chunks()) {
    first ??= data.slice(0, columns);
    for (let at = 0; at < data.length; at += columns) {
      for (let column = 0; column < columns; column++) if (data[at + column] !== first[column]) varying[column] = 1;
    }
  }
  return varying.reduce((sum, varies) => sum + varies, 0);
}

function requireColumns({ columns }: SpooledMatrix, wanted: number, file: string, path: string): void {
  if (columns === wanted) return;
  throw new NarrowsError('columns-mismatch', `${file} has ${columns} columns, the manifest names ${wanted}`, { path });
}

/** A csv file that has all the manifest's names, but in another order, would be read under wrong names. */
function requireColumnOrder(header: readonly string[] | null, columns: readonly DescriptorColumn[], file: string): void {
  const names = header?.map((field) => field.trim()) ?? [];
  if (!columns.every(({ name }) => names.includes(name))) return;
  const at = columns.findIndex(({ name }, i) => names[i] !== name);
  if (at < 0) return;
  throw new NarrowsError(
    'columns-mismatch',
    `column ${at} of ${file} is "${names[at]}", the manifest calls it "${columns[at]?.name}"`,
    {
      path: `descriptors.columns.${at}.name`,
      fix: `name the columns in the order of the file: ${names.join(', ')}`,
    },
  );
}
