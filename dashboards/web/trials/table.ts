/** The trials of a sweep as columns: the plan, and outcomes merged as written; row i is trial i. */
import { type ColumnData, scatter } from '../../../search/columns/column.ts';
import { type ColumnType, columnOf, findColumn, OUTCOME_COLUMNS, TRIAL_COLUMNS } from '../../../search/columns/trial-columns.ts';
import type { ParameterName } from '../../../search/parameters.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import { type Decoded, type DecodedColumn, type Extent, extentOf } from './decode.ts';

/** The scale of an axis. `residual`: by -log10(1 - value), for shares close to 1. */
export type Spread = 'linear' | 'log' | 'residual' | 'categories';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Field extends ColumnData, Writable<Extent> {
  readonly name: string;
  readonly type: ColumnType['type'];
  readonly label: string;
  readonly unit: string | null;
  readonly spread: Spread;
  readonly isWhole: boolean;
  /** NaN where there is no value. Written in place, or replaced, as outcomes arrive. */
  values: Float64Array<ArrayBuffer>;
  /** Rises when values were written. */
  version: number;
}

export interface TrialTable {
  readonly rows: number;
  readonly fields: ReadonlyMap<string, Field>;
  /** Trials that have a row in the database: ended, or waiting between rungs. */
  known: number;
  /** The revision up to which outcomes are merged. */
  revision: number | null;
  /** Rises with every merge. */
  version: number;
}

function createField({ name, categories, isWhole, ...data }: DecodedColumn, spread: Spread = 'linear'): Field {
  const { label = name, unit, type = categories ? 'text' : 'number' } = findColumn(name) ?? {};
  return {
    name,
    type,
    label,
    // Times are shown as dates.
    unit: (type === 'time' ? null : unit) ?? null,
    spread: categories ? 'categories' : spread,
    categories,
    isWhole: isWhole || type === 'integer' || type === 'time',
    ...data,
    version: 1,
  };
}

/** Positive numbers over so wide a range are read better on a logarithmic axis. */
const DECADES = 50;

function spreadOf(name: string, parameters: SweepDetail['parameters']): Spread {
  const parameter = parameters.find((one) => columnOf(one.name as ParameterName) === name);
  if (parameter?.kind === 'log') return 'log';
  const numbers = (parameter?.values ?? []).filter((value) => typeof value === 'number');
  const least = Math.min(...numbers);
  return numbers.length > 1 && least > 0 && Math.max(...numbers) / least >= DECADES ? 'log' : 'linear';
}

/** Returns the plan's columns, with outcomes still empty. */
export function createTable({ rows, columns }: Decoded, parameters: SweepDetail['parameters']): TrialTable {
  const numbers = new Float64Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = row;
  const index = createField({ name: 'index', categories: null, isWhole: true, values: numbers, ...extentOf(numbers) });
  const planned = columns.map((column) => createField(column, spreadOf(column.name, parameters)));
  const none: Extent = { lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY, missing: rows };
  const outcomes = OUTCOME_COLUMNS.flatMap((name) => {
    const column = TRIAL_COLUMNS[name];
    if (column.wire === null) return [];
    const categories = column.type === 'category' ? column.categories : null;
    return [createField({ name, categories, isWhole: false, values: new Float64Array(rows).fill(Number.NaN), ...none })];
  });
  const fields = [index, ...planned, ...outcomes];
  return { rows, fields: new Map(fields.map((one) => [one.name, one])), known: 0, revision: null, version: 0 };
}

/** Merges outcomes, and returns how many. Throws RangeError for a trial outside the plan. */
export function mergeOutcomes(table: TrialTable, outcomes: Decoded): number {
  const rows = outcomes.columns.find(({ name }) => name === 'index')?.values;
  if (!rows) throw new RangeError('outcomes without a column `index`');
  let isEveryRow = rows.length === table.rows;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? Number.NaN;
    if (row >= table.rows) throw new RangeError(`trial ${row} is outside the plan's ${table.rows}`);
    isEveryRow &&= row === i;
  }
  for (const column of outcomes.columns) {
    const into = table.fields.get(column.name);
    if (!into || column.name === 'index') continue;
    const { values, categories, lowest, highest, missing } = column;
    const isSame = categories === null || categories.every((category, i) => into.categories?.[i] === category);
    if (isEveryRow && isSame) Object.assign(into, { values, lowest, highest, missing });
    else {
      scatter(into, rows, column);
      Object.assign(into, extentOf(into.values));
    }
    into.version++;
  }
  const revision = outcomes.about.revision;
  if (typeof revision === 'number') table.revision = revision;
  table.known = table.rows - (table.fields.get('outcome')?.missing ?? table.rows);
  table.version++;
  return outcomes.rows;
}
