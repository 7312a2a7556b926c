/** What `data show` prints, and whether stored arrays and the folder still are what was imported. */
import type { Matrix } from '../models/axes.ts';
import { openFolder } from './arrays.ts';
import { type ArrayStore, type DatasetDescription, loadMatrix } from './description.ts';
import { hashes } from './import.ts';

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
  readonly energies: { readonly first: number; readonly last: number; readonly unit: string } | null;
  readonly minimum: number;
  readonly maximum: number;
  /** Columns (energies) that do not vary. */
  readonly constantColumns: number;
}

export interface DatasetSummary {
  readonly rows: number;
  readonly descriptors: readonly ColumnSummary[];
  readonly targets: readonly TargetSummary[];
  readonly groups: boolean;
}

export async function summarizeDataset(store: ArrayStore, description: DatasetDescription): Promise<DatasetSummary> {
  const { manifest } = description;
  const x = columnsOf(await loadMatrix(store, description.x));
  const targets: TargetSummary[] = [];
  for (const [name, { y, energies }] of Object.entries(description.targets)) {
    const columns = columnsOf(await loadMatrix(store, y));
    const about = manifest.targets[name];
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
    });
  }
  return {
    rows: description.rows,
    descriptors: x.map((column, i) => ({
      name: manifest.descriptors.columns[i]?.name ?? String(i),
      unit: manifest.descriptors.columns[i]?.unit ?? '',
      ...column,
      constant: column.minimum === column.maximum,
    })),
    targets,
    groups: description.groups !== null,
  };
}

export interface Verification {
  /** Arrays read back from the store and hashed. */
  readonly arrays: number;
  /** The folder it was imported from. */
  readonly folder: string;
  readonly folderState: 'unchanged' | 'changed' | 'gone';
  /** Files that differ from what was imported. */
  readonly changed: readonly string[];
}

/** Reads every stored array (the store checks its hash) and compares the folder's files. Throws NarrowsError `dataset-corrupt`. */
export async function verifyDataset(store: ArrayStore, description: DatasetDescription): Promise<Verification> {
  const stored = [
    description.x.sha256,
    ...Object.values(description.targets).map(({ y }) => y.sha256),
    ...[description.groups, description.ids].filter((sha256) => sha256 !== null),
  ];
  for (const sha256 of stored) await store.get(sha256);
  const { folder } = description;
  let now: Record<string, string>;
  try {
    now = await hashes(openFolder(folder), description.manifest);
  } catch {
    return { arrays: stored.length, folder, folderState: 'gone', changed: [] };
  }
  const changed = Object.keys(description.files).filter((reference) => now[reference] !== description.files[reference]);
  return { arrays: stored.length, folder, folderState: changed.length > 0 ? 'changed' : 'unchanged', changed };
}

function columnsOf({ rows, columns, data }: Matrix): { minimum: number; mean: number; maximum: number }[] {
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
