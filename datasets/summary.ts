/** Summarises a dataset for `data show`. */
import type { Matrix } from '../models/axes.ts';
import { type ColumnVariation, columnStatistics, descriptorVariation } from '../models/variation.ts';
import {
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  findSpectraTarget,
  loadMatrix,
  sharedScales,
  type TargetColumn,
} from './description.ts';
import type { StructureSummary } from './descriptors/structure-summary.ts';

export interface ColumnRange {
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

export interface ColumnSummary extends TargetColumn, ColumnRange {
  readonly constant: boolean;
}

interface TargetSummary extends TargetColumn, Omit<ColumnRange, 'mean'> {
  readonly shape: readonly [number, number];
  /** null for targets that are not spectra. */
  readonly energies: { readonly first: number; readonly last: number; readonly unit: string } | null;
  /** Number of columns (energies) that do not vary. */
  readonly constantColumns: number;
  /** Columns of targets such as moments; null for spectra. */
  readonly columns: readonly ColumnSummary[] | null;
}

export interface DatasetSummary {
  readonly rows: number;
  /** Cells and distances of the structures from which X was computed; null for tables. */
  readonly structures: StructureSummary | null;
  readonly descriptors: readonly ColumnSummary[];
  readonly targets: readonly TargetSummary[];
  /** Number of groups; null where the dataset has none. */
  readonly groups: number | null;
}

export async function summarizeDataset(store: ArrayStore, description: DatasetDescription): Promise<DatasetSummary> {
  const described = descriptorColumns(description);
  const x = await loadMatrix(store, description.x);
  const targets: TargetSummary[] = [];
  for (const [name, { y, energies, columns: named }] of Object.entries(description.targets)) {
    const columns = summarizeTarget(await loadMatrix(store, y), named ?? []);
    const about = findSpectraTarget(description, name);
    targets.push({
      name,
      unit: about?.unit ?? '',
      shape: [y.rows, y.columns],
      energies: energies
        ? { first: energies[0] ?? Number.NaN, last: energies.at(-1) ?? Number.NaN, unit: about?.energyUnit ?? 'eV' }
        : null,
      minimum: columns.reduce((least, { minimum }) => Math.min(least, minimum), Number.POSITIVE_INFINITY),
      maximum: columns.reduce((most, { maximum }) => Math.max(most, maximum), Number.NEGATIVE_INFINITY),
      constantColumns: columns.filter(({ constant }) => constant).length,
      columns: named ? columns : null,
    });
  }
  return {
    rows: description.rows,
    structures: description.structures ?? null,
    descriptors: summarizeColumns(x, described, descriptorVariation(x, everyRow(x), sharedScales(description))),
    targets,
    groups: description.groups?.count ?? null,
  };
}

const everyRow = ({ rows }: Matrix): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row);

const summarizeTarget = (y: Matrix, named: readonly TargetColumn[]): ColumnSummary[] =>
  summarizeColumns(y, named, columnStatistics(y, everyRow(y)));

function summarizeColumns(
  values: Matrix,
  columns: readonly TargetColumn[],
  variation: readonly ColumnVariation[],
): ColumnSummary[] {
  return columnRanges(values).map((range, i) => ({
    name: columns[i]?.name ?? String(i),
    unit: columns[i]?.unit ?? '',
    ...range,
    constant: !variation[i]?.varies,
  }));
}

/** Returns minimum, mean and maximum of every column. */
export function columnRanges({ rows, columns, data }: Matrix): ColumnRange[] {
  return Array.from({ length: columns }, (_, column) => {
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let i = column; i < data.length; i += columns) {
      const value = data[i] ?? Number.NaN;
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
      sum += value;
    }
    return { minimum, mean: sum / rows, maximum };
  });
}
