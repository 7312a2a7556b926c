/** From a dataset folder to a stored version: everything is checked before anything is kept, and the version's row comes last. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import { type Folder, openFolder } from './arrays.ts';
import { type ArrayStore, type DatasetDescription, storeMatrix } from './description.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** A folder that passed every check, in memory. */
export interface CheckedDataset {
  readonly manifest: Manifest;
  /** 64 hexadecimal characters. */
  readonly version: string;
  readonly x: Matrix;
  readonly targets: Readonly<Record<string, { readonly y: Matrix; readonly energies: readonly number[] | null }>>;
  readonly groups: readonly string[] | null;
  readonly ids: readonly string[] | null;
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Reads and checks a whole folder. Throws NarrowsErrors that name file, row and column. `name` overrides the manifest's. */
export async function checkDatasetFolder(directory: string, name?: string): Promise<CheckedDataset> {
  const manifest = { ...(await readManifest(directory)), ...(name === undefined ? {} : { name }) };
  const folder = openFolder(directory);
  const x = await folder.matrix(manifest.descriptors.file);
  requireColumns(x, manifest.descriptors.columns.length, manifest.descriptors.file, 'descriptors.columns');
  const rows = x.rows;
  if (rows === 0)
    throw new NarrowsError('dataset-empty', `${manifest.descriptors.file} has no row`, { path: manifest.descriptors.file });
  const targets: Record<string, { y: Matrix; energies: number[] | null }> = {};
  for (const [target, { file, energies }] of Object.entries(manifest.targets)) {
    const y = await folder.matrix(file);
    requireRows(y.rows, rows, file, manifest.descriptors.file);
    targets[target] = { y, energies: energies === undefined ? null : await readEnergies(folder, energies, y, file) };
  }
  const list = async (reference: { file: string; column?: string | undefined } | undefined) => {
    if (!reference) return null;
    const values = await folder.column(reference.file, reference.column);
    requireRows(values.length, rows, reference.file, manifest.descriptors.file);
    return values;
  };
  const groups = await list(manifest.groups);
  const ids = await list(manifest.ids);
  if (manifest.geometry)
    requireRows((await readRows(folder, manifest.geometry)).rows, rows, manifest.geometry, manifest.descriptors.file);
  const files = await hashes(folder, manifest);
  return { manifest, version: versionOf(manifest, files), x, targets, groups, ids, files, folder: resolve(directory) };
}

/** Stores a checked dataset; `save` writes the version's row and says whether it is new. */
export async function storeDataset(
  dataset: CheckedDataset,
  store: ArrayStore,
  save: (row: { name: string; version: string; description: DatasetDescription }) => Promise<boolean>,
): Promise<{ name: string; version: string; rows: number; created: boolean; description: DatasetDescription }> {
  const { manifest, version, x, groups, ids, files, folder } = dataset;
  const targets: Record<string, DatasetDescription['targets'][string]> = {};
  for (const [target, { y, energies }] of Object.entries(dataset.targets))
    targets[target] = { y: await storeMatrix(store, y), energies };
  const list = (values: readonly string[] | null) =>
    values ? store.put(new TextEncoder().encode(JSON.stringify(values))) : null;
  const description: DatasetDescription = {
    manifest,
    rows: x.rows,
    varying: varyingColumns(x),
    x: await storeMatrix(store, x),
    targets,
    groups: await list(groups),
    ids: await list(ids),
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
export async function hashes(folder: Folder, manifest: Manifest): Promise<Record<string, string>> {
  const references = [
    manifest.descriptors.file,
    ...Object.values(manifest.targets).flatMap(({ file, energies }) => (energies ? [file, energies] : [file])),
    ...[manifest.ids?.file, manifest.groups?.file, manifest.geometry].filter((file) => file !== undefined),
  ];
  const result: Record<string, string> = {};
  for (const reference of new Set(references)) {
    result[reference] = createHash('sha256')
      .update(await folder.bytes(reference))
      .digest('hex');
  }
  return result;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

async function readEnergies(folder: Folder, reference: string, y: Matrix, file: string): Promise<number[]> {
  const grid = await folder.matrix(reference);
  const values = [...grid.data];
  if (grid.columns !== 1 || values.length !== y.columns) {
    throw new NarrowsError('columns-mismatch', `${reference} has ${values.length} energies, ${file} has ${y.columns} columns`, {
      path: reference,
    });
  }
  const fall = values.findIndex((energy, i) => i > 0 && energy <= (values[i - 1] as number));
  if (fall > 0)
    throw new NarrowsError('energies-not-rising', `${reference}: the energy in row ${fall} does not rise`, {
      path: `${reference}[${fall}]`,
    });
  return values;
}

function varyingColumns({ columns, data }: Matrix): number {
  const first = data.subarray(0, columns);
  const varying = new Set<number>();
  for (let i = columns; i < data.length; i++) if (data[i] !== first[i % columns]) varying.add(i % columns);
  return varying.size;
}

/** A geometry may have more than two axes: only its rows matter here. */
async function readRows(folder: Folder, reference: string): Promise<{ rows: number }> {
  const bytes = await folder.bytes(reference);
  const shape = /'shape':\s*\((\d+)/.exec(String.fromCharCode(...bytes.subarray(0, 256)))?.[1];
  return { rows: Number(shape ?? Number.NaN) };
}

function requireColumns({ columns }: Matrix, wanted: number, file: string, path: string): void {
  if (columns === wanted) return;
  throw new NarrowsError('columns-mismatch', `${file} has ${columns} columns, the manifest names ${wanted}`, { path });
}

function requireRows(rows: number, wanted: number, file: string, other: string): void {
  if (rows === wanted) return;
  throw new NarrowsError('rows-mismatch', `${file} has ${rows} rows, ${other} has ${wanted}`, { path: file });
}
