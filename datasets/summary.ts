/** What `data show` prints, and whether stored arrays and the folder still are what was imported. */
import { createHash } from 'node:crypto';
import { EXIT, NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import {
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  loadMatrix,
  spectraOf,
  type TargetColumn,
} from './description.ts';
import { openFiles } from './files.ts';
import { canonical } from './import.ts';
import { MANIFEST, readManifest } from './manifest.ts';

export interface ColumnSummary {
  readonly name: string;
  readonly unit: string;
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
  readonly constant: boolean;
}

export interface TargetSummary {
  readonly name: string;
  readonly unit: string;
  readonly shape: readonly [number, number];
  /** Of a spectrum. */
  readonly energies: { readonly first: number; readonly last: number; readonly unit: string } | null;
  readonly minimum: number;
  readonly maximum: number;
  /** Columns (energies) that do not vary. */
  readonly constantColumns: number;
  /** Of a target whose columns have names and units of their own, such as moments; null of spectra. */
  readonly columns: readonly ColumnSummary[] | null;
}

export interface DatasetSummary {
  readonly rows: number;
  readonly descriptors: readonly ColumnSummary[];
  readonly targets: readonly TargetSummary[];
  /** How many there are; null where the dataset names none. */
  readonly groups: number | null;
}

export async function summarizeDataset(store: ArrayStore, description: DatasetDescription): Promise<DatasetSummary> {
  const described = descriptorColumns(description);
  const x = rangesOf(await loadMatrix(store, description.x));
  const targets: TargetSummary[] = [];
  for (const [name, { y, energies, columns: named }] of Object.entries(description.targets)) {
    const columns = rangesOf(await loadMatrix(store, y));
    const about = spectraOf(description, name);
    targets.push({
      name,
      unit: about?.unit ?? '',
      shape: [y.rows, y.columns],
      energies: energies
        ? { first: energies[0] ?? Number.NaN, last: energies.at(-1) ?? Number.NaN, unit: about?.energyUnit ?? 'eV' }
        : null,
      minimum: Math.min(...columns.map(({ minimum }) => minimum)),
      maximum: Math.max(...columns.map(({ maximum }) => maximum)),
      constantColumns: columns.filter(({ minimum, maximum }) => minimum === maximum).length,
      columns: named?.map((about, i) => summaryOf(about, columns[i] as Range)) ?? null,
    });
  }
  return {
    rows: description.rows,
    descriptors: x.map((column, i) => summaryOf(described[i] ?? { name: String(i), unit: '' }, column)),
    targets,
    groups: description.groups?.count ?? null,
  };
}

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
    ...shards.flatMap(({ ties }) => ties ?? []),
  ];
  for (const sha256 of stored) await requireWhole(store, sha256);
  const { folder } = description;
  const changed = await changedFiles(description);
  const folderState = changed === null ? 'gone' : changed.length > 0 ? 'changed' : 'unchanged';
  return { arrays: stored.length, folder, folderState, changed: changed ?? [] };
}

async function requireWhole(store: ArrayStore, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const piece of store.pieces(sha256)) hash.update(piece);
  if (hash.digest('hex') === sha256) return;
  throw new NarrowsError('dataset-corrupt', `the stored array ${sha256} does not hash to its address`, { exit: EXIT.failure });
}

/** Names of files that differ from what was imported or are missing; null where the folder holds no dataset. */
async function changedFiles({ folder, manifest, manifestSha256, files }: DatasetDescription): Promise<string[] | null> {
  const changed: string[] = [];
  try {
    const now = await readManifest(folder);
    // The name may be one given at import.
    const same = manifestSha256
      ? createHash('sha256').update(canonical(now)).digest('hex') === manifestSha256
      : canonical({ ...now, name: manifest.name }) === canonical(manifest);
    if (!same) changed.push(MANIFEST);
  } catch (error) {
    if ((error as NarrowsError).code === 'manifest-missing') return null;
    changed.push(MANIFEST);
  }
  const open = openFiles(folder);
  for (const [reference, sha256] of Object.entries(files)) {
    const now = await open.hash(reference).catch(() => null);
    if (now !== sha256) changed.push(reference);
  }
  return changed;
}

export interface Range {
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

const summaryOf = ({ name, unit }: TargetColumn, range: Range): ColumnSummary => ({
  name,
  unit,
  ...range,
  constant: range.minimum === range.maximum,
});

/** Of every column. */
export function rangesOf({ rows, columns, data }: Matrix): Range[] {
  return Array.from({ length: columns }, (_, column) => {
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = column; i < data.length; i += columns) {
      const value = data[i] as number;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
      sum += value;
    }
    return { minimum, mean: sum / rows, maximum };
  });
}
