/** From a dataset folder to a stored version: everything is checked before anything is kept, and the version's row comes last. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import type { DescriptorColumn } from '../models/descriptor.ts';
import { type Folder, isStructures, openFolder } from './arrays.ts';
import { type ArrayStore, type DatasetDescription, type StoredTarget, storeMatrix } from './description.ts';
import { describeStructures } from './descriptors/describe.ts';
import { type ColumnReference, MANIFEST, type Manifest, readManifest, requireName, type SpectraTarget } from './manifest.ts';
import { momentsTarget } from './moments.ts';

export interface CheckedTarget extends Omit<StoredTarget, 'y'> {
  readonly y: Matrix;
}

/** A folder that passed every check, in memory. */
export interface CheckedDataset {
  readonly manifest: Manifest;
  /** 64 hexadecimal characters. */
  readonly version: string;
  readonly x: Matrix;
  readonly columns: readonly DescriptorColumn[];
  readonly targets: Readonly<Record<string, CheckedTarget>>;
  readonly groups: readonly string[] | null;
  readonly ids: readonly string[] | null;
  readonly series: readonly string[] | null;
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

/**
 * Reads and checks a whole folder. Throws NarrowsErrors that name file, row and column. `name` is kept instead of the manifest's; the version is that
 * of the folder all the same.
 */
export async function checkDatasetFolder(directory: string, name?: string, signal?: AbortSignal): Promise<CheckedDataset> {
  const manifest = await readManifest(directory);
  const folder = openFolder(directory);
  const { file, x, columns, ...ofFrames } = await readDescriptors(folder, manifest, signal);
  const aligned = (rows: number, other: string) => {
    if (rows === x.rows) return;
    const theirs = 'from' in manifest.descriptors ? `${file} gives ${x.rows}` : `${file} has ${x.rows}`;
    throw new NarrowsError('rows-mismatch', `${other} has ${rows} rows, ${theirs}`, { path: other });
  };
  const targets = await readTargets(folder, manifest, aligned);
  const list = async (reference: ColumnReference | undefined) => {
    if (!reference || isStructures(reference.file)) return null;
    const values = await folder.column(reference.file, reference.column);
    aligned(values.length, reference.file);
    return values;
  };
  const groups = ofFrames.groups ?? (await list(manifest.groups));
  const ids = (await list(manifest.ids)) ?? ofFrames.ids;
  const series = ofFrames.series ?? (await list(manifest.series));
  if (manifest.geometry !== undefined) aligned((await folder.rows(manifest.geometry)).rows, manifest.geometry);
  const files = await hashes(folder, manifest);
  return {
    manifest: name === undefined ? manifest : { ...manifest, name: requireName(name) },
    version: versionOf(manifest, files),
    x,
    columns,
    targets,
    groups,
    ids,
    series,
    files,
    folder: resolve(directory),
  };
}

interface Descriptors {
  readonly file: string;
  readonly x: Matrix;
  readonly columns: readonly DescriptorColumn[];
  /** What the frames of structures say; null of a table. */
  readonly ids: readonly string[] | null;
  readonly groups: readonly string[] | null;
  readonly series: readonly string[] | null;
}

const descriptorsFile = ({ descriptors }: Manifest) => ('from' in descriptors ? descriptors.from.file : descriptors.file);

async function readDescriptors(folder: Folder, manifest: Manifest, signal: AbortSignal | undefined): Promise<Descriptors> {
  const { descriptors, ids, groups, series } = manifest;
  requireReference(ids, 'ids', manifest);
  requireReference(groups, 'groups', manifest);
  requireReference(series, 'series', manifest);
  if ('from' in descriptors) {
    const { from } = descriptors;
    const labels = {
      ids: (ids && isStructures(ids.file) && ids.key) || null,
      groups: groups && isStructures(groups.file) ? (groups.key ?? null) : undefined,
      series: series && isStructures(series.file) ? (series.key ?? null) : undefined,
    };
    return { file: from.file, ...(await describeStructures(folder.stream(from.file), from, labels, { signal })) };
  }
  const { file, columns } = descriptors;
  const x = await folder.matrix(file);
  if (x.rows === 0) throw new NarrowsError('dataset-empty', `${file} has no row`, { path: file });
  requireColumns(x, columns.length, file, 'descriptors.columns');
  requireOrder(await folder.header(file), columns, file);
  return { file, x, columns, ids: null, groups: null, series: null };
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
  if (!isStructures(file)) {
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
  folder: Folder,
  { targets }: Manifest,
  aligned: (rows: number, file: string) => void,
): Promise<Record<string, CheckedTarget>> {
  const spectra: Record<string, CheckedTarget> = {};
  for (const [target, about] of Object.entries(targets)) {
    if (!('file' in about)) continue;
    const y = await folder.matrix(about.file);
    aligned(y.rows, about.file);
    const { energies } = about;
    spectra[target] = { y, energies: energies === undefined ? null : await readEnergies(folder, energies, y, about.file) };
  }
  const whole = Object.entries(targets).map(([target, about]): [string, CheckedTarget] => {
    if ('file' in about) return [target, spectra[target] as CheckedTarget];
    // The manifest was checked: these are spectra with energies.
    const { y, energies } = spectra[about.moments.of] as { y: Matrix; energies: readonly number[] };
    const of = { about: targets[about.moments.of] as SpectraTarget, y, energies };
    return [target, { ...momentsTarget(target, about, of), energies: null }];
  });
  return Object.fromEntries(whole);
}

/** Stores a checked dataset; `save` writes the version's row and says whether it is new. */
export async function storeDataset(
  dataset: CheckedDataset,
  store: ArrayStore,
  save: (row: { name: string; version: string; description: DatasetDescription }) => Promise<boolean>,
): Promise<{ name: string; version: string; rows: number; created: boolean; description: DatasetDescription }> {
  const { manifest, version, x, columns, groups, ids, series, files, folder } = dataset;
  const targets: Record<string, DatasetDescription['targets'][string]> = {};
  for (const [target, checked] of Object.entries(dataset.targets))
    targets[target] = { ...checked, y: await storeMatrix(store, checked.y) };
  const list = (values: readonly string[]) => store.put(new TextEncoder().encode(JSON.stringify(values)));
  const description: DatasetDescription = {
    manifest,
    rows: x.rows,
    columns,
    varying: varyingColumns(x),
    x: await storeMatrix(store, x),
    targets,
    groups: groups && { sha256: await list(groups), count: new Set(groups).size },
    ids: ids && (await list(ids)),
    series: series && (await list(series)),
    files,
    folder,
  };
  const created = await save({ name: manifest.name, version, description });
  return { name: manifest.name, version, rows: x.rows, created, description };
}

/** sha256 of the canonical manifest and of each file's raw bytes, by reference: see docs/decisions/0003-dataset-version.md. */
export function versionOf(manifest: Manifest, files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(canonical(manifest));
  for (const reference of Object.keys(files).sort()) hash.update(`\n${reference} ${files[reference]}`);
  return hash.digest('hex');
}

/** sha256 of every file that the manifest names, by reference. */
async function hashes(folder: Folder, manifest: Manifest): Promise<Record<string, string>> {
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

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

async function readEnergies(folder: Folder, reference: string, y: Matrix, file: string): Promise<number[]> {
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

function varyingColumns({ columns, data }: Matrix): number {
  const first = data.subarray(0, columns);
  const varying = new Set<number>();
  for (let i = columns; i < data.length; i++) if (data[i] !== first[i % columns]) varying.add(i % columns);
  return varying.size;
}

function requireColumns({ columns }: Matrix, wanted: number, file: string, path: string): void {
  if (columns === wanted) return;
  throw new NarrowsError('columns-mismatch', `${file} has ${columns} columns, the manifest names ${wanted}`, { path });
}

/** A csv file that has all the manifest's names, but in another order, would be read under wrong names. */
function requireOrder(header: readonly string[] | null, columns: readonly DescriptorColumn[], file: string): void {
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
