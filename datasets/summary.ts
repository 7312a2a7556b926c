/** What `data show` prints. */
import type { Matrix } from '../models/axes.ts';
import {
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  findSpectraTarget,
  loadMatrix,
  type TargetColumn,
} from './description.ts';

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
  const x = columnRanges(await loadMatrix(store, description.x));
  const targets: TargetSummary[] = [];
  for (const [name, { y, energies, columns: named }] of Object.entries(description.targets)) {
    const columns = columnRanges(await loadMatrix(store, y));
    const about = findSpectraTarget(description, name);
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
      columns: named?.map((about, i) => summarizeColumn(about, columns[i] as ColumnRange)) ?? null,
    });
  }
  return {
    rows: description.rows,
    descriptors: x.map((column, i) => summarizeColumn(described[i] ?? { name: String(i), unit: '' }, column)),
    targets,
    groups: description.groups?.count ?? null,
  };
}

export interface ColumnRange {
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

const summarizeColumn = ({ name, unit }: TargetColumn, range: ColumnRange): ColumnSummary => ({
  name,
  unit,
  ...range,
  constant: range.minimum === range.maximum,
});

/** Of every column. */
export function columnRanges({ rows, columns, data }: Matrix): ColumnRange[] {
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
