/**
 * The trials of one sweep as columns in memory: the plan by arithmetic on the spec, outcomes from
 * the rows of the database. Filters, orders and counts over any column take one pass over its
 * numbers, which no database index could give for every column and every pair of them.
 */
import type { OutcomeColumns } from '../../../db/queries/trials/outcomes.ts';
import { METHODS, type Method } from '../../../models/methods/catalogue.ts';
import { COLUMN_ARRAYS, type ColumnData, missingIn, narrow, rowsOf, scatter, valueAt } from '../../../search/columns/column.ts';
import { alphabeticalRanks, firstRows, type Order, type SortKey, sortKey } from '../../../search/columns/order.ts';
import { constantColumn, type PlannedColumn, warmColumn, writePoints } from '../../../search/columns/planned.ts';
import {
  type ColumnName,
  isParameterColumn,
  OUTCOME_COLUMNS,
  type OutcomeColumnName,
  trialColumn,
} from '../../../search/columns/trial-columns.ts';
import { type Condition, compileCondition, type Test } from '../../../search/columns/where.ts';

import type { ProposedPoint } from '../../../search/proposals.ts';
import { trialCount, trialId } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { OUTCOMES, type Outcome } from '../../../search/states.ts';
import { invalidCursorError } from '../cursor.ts';
import { RowSample } from './row-sample.ts';

/** A row of a page: its value (null: it has none) and the number of its trial. */
interface PagePosition {
  readonly value: number | string | null;
  readonly index: number;
}

export interface PageRequest {
  readonly where: readonly Condition[];
  readonly sort: ColumnName;
  readonly order: Order;
  readonly limit: number;
  /** The row before the page; null on the first page. */
  readonly after: PagePosition | null;
}

interface TablePage {
  /** Numbers of trials, in order. */
  readonly indices: readonly number[];
  readonly matched: number;
  /** The last row, after which the next page begins; null on the last page. */
  readonly next: PagePosition | null;
}

type MethodTally = { readonly method: Method } & Readonly<Record<Outcome, number>>;

/** Trials that a forest is fitted to: more hardly change its importances. */
const SAMPLE_ROWS = 2000;

export class TrialTable {
  readonly sweepId: string;
  readonly planned: number;
  /** Every row of the sweep up to this revision is in the table; -1: none was read yet. */
  revision = -1;
  /** Trials that have a row. */
  total = 0;
  /** Number of proposed points in the table. */
  proposals = 0;
  readonly #planned: readonly PlannedColumn[];
  readonly #spec: SweepSpec;
  readonly #columns = new Map<ColumnName, ColumnData>();
  /** 1 for a trial that has a row. */
  readonly #present: Uint8Array;
  readonly #revisions: Float64Array;
  readonly #tally = METHODS.map((method) => ({ method, completed: 0, pruned: 0, diverged: 0, failed: 0, rung: 0 }));
  /** Completed trials with a score: of each method, and of all. */
  readonly #scored: ReadonlyMap<Method | 'all', RowSample>;

  constructor(sweepId: string, spec: SweepSpec, planned: readonly PlannedColumn[]) {
    const trials = trialCount(spec);
    this.sweepId = sweepId;
    this.planned = trials;
    this.#spec = spec;
    this.#planned = planned;
    this.#present = new Uint8Array(trials);
    this.#revisions = new Float64Array(trials);
    const index: ColumnData = { values: Uint32Array.from({ length: trials }, (_, i) => i), categories: null };
    this.#columns.set('index', index);
    // Ids are ordered by the numbers that they end with.
    this.#columns.set('trial', index);
    for (const column of planned) this.#columns.set(column.name, column);
    for (const name of OUTCOME_COLUMNS) this.#columns.set(name, emptyColumn(name, trials));
    this.#scored = new Map((['all', ...METHODS] as const).map((name) => [name, new RowSample(trials, SAMPLE_ROWS)]));
  }

  /** Roughly what it takes in memory. */
  get bytes(): number {
    const columns = [...this.#columns.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
    const samples = this.#scored.size * this.planned;
    return columns + this.#present.byteLength + this.#revisions.byteLength + samples;
  }

  /** Adds points before their trials are merged. */
  addPoints(points: readonly ProposedPoint[]): void {
    if (points.length === 0) return;
    writePoints(this.#spec, this.#planned, points);
    this.proposals += points.length;
    // It follows from the starts of the points.
    this.#columns.delete('warm');
  }

  /** Merges rows; `upTo`: a revision that was stored before they were read. */
  merge({ index, revisions, columns, revision }: OutcomeColumns, upTo: number): void {
    for (const row of index) this.#count(row, -1);
    for (const row of index) {
      if (this.#present[row] === 0) this.total++;
      this.#present[row] = 1;
    }
    scatter({ values: this.#revisions, categories: null }, index, { values: revisions, categories: null });
    for (const name of OUTCOME_COLUMNS) {
      const into = this.column(name);
      const open = into.categories as string[];
      scatter(into, index, columns[name], (category) => open.push(category) - 1);
    }
    for (const row of index) {
      this.#count(row, 1);
      this.#sample(row);
    }
    this.revision = Math.max(this.revision, revision, upTo);
  }

  /** Adds `by` to the number of trials with the method and outcome of a row, if it is present. */
  #count(row: number, by: number): void {
    if (this.#present[row] === 0) return;
    const own = this.#tally[this.column('method').values[row] ?? 0];
    const outcome = OUTCOMES[this.column('outcome').values[row] ?? 0];
    if (own && outcome) own[outcome] += by;
  }

  #sample(row: number): void {
    const isScored =
      OUTCOMES[this.column('outcome').values[row] ?? 0] === 'completed' &&
      !Number.isNaN(this.column('validation').values[row] ?? Number.NaN);
    this.#scored.get('all')?.set(row, isScored);
    const method = METHODS[this.column('method').values[row] ?? 0];
    if (method) this.#scored.get(method)?.set(row, isScored);
  }

  /** Returns a column with one entry per planned trial, valid for trials that have a row. */
  column(name: ColumnName): ColumnData {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = this.#derive(name);
    this.#columns.set(name, column);
    return column;
  }

  /** Returns a column of the plan that the constructor did not set. */
  #derive(name: ColumnName): ColumnData {
    if (name === 'warm') return warmColumn(this.#spec, this.column('start'));
    if (name === 'partition' || isParameterColumn(name)) return constantColumn(this.#spec, name);
    // The compiler asks here for a new column of the plan.
    const known: 'index' | 'trial' | 'method' | 'k' | 'seed' | OutcomeColumnName = name;
    throw new Error(`the table has no column ${known}`);
  }

  /** Returns the numbers of trials that have a row and satisfy all conditions, rising. */
  matching(where: readonly Condition[]): Uint32Array {
    const mask = Uint8Array.from(this.#present);
    for (const condition of where) {
      const test = compileCondition(condition);
      const testId: Test = (index) => test(trialId(this.sweepId, Number(index)));
      narrow(mask, this.column(condition.column), condition.column === 'trial' ? testId : test);
    }
    return rowsOf(mask);
  }

  /** Rows without a value are last, equal ones by number. Throws NarrowsError `cursor-invalid`. */
  page({ where, sort, order, limit, after }: PageRequest): TablePage {
    const column = this.column(sort);
    const { categories } = column;
    const key = sortKey(column, order, categories ? alphabeticalRanks(categories) : undefined);
    const matching = this.matching(where);
    const left = after === null ? matching : matching.filter(isAfter(column, key, after));
    const found = firstRows(left, column, order, limit + 1, key);
    const indices = [...found.subarray(0, limit)];
    const index = indices.at(-1);
    const isLast = found.length <= limit || index === undefined;
    return { indices, matched: matching.length, next: isLast ? null : { value: valueAt(column, index), index } };
  }

  /** Returns outcomes by method, in the order of METHODS, without methods that have no row. */
  tally(): readonly MethodTally[] {
    return this.#tally.filter((own) => OUTCOMES.some((one) => own[one] > 0)).map((own) => ({ ...own }));
  }

  /** Returns the number of completed trials with a score, and the numbers of a sample of them. */
  sampleScored(method: Method | null): { readonly matched: number; readonly sample: Uint32Array } {
    const { size, rows } = this.#scored.get(method ?? 'all') as RowSample;
    return { matched: size, sample: rows };
  }

  /** Returns the numbers of trials that were written after a revision, rising. */
  writtenAfter(revision: number): Uint32Array {
    const mask = new Uint8Array(this.planned);
    for (let row = 0; row < mask.length; row++) {
      if (this.#present[row] === 1 && (this.#revisions[row] ?? 0) > revision) mask[row] = 1;
    }
    return rowsOf(mask);
  }
}

/** Floats are held as doubles, however they are sent; texts are numbered as they appear. */
function emptyColumn(name: OutcomeColumnName, rows: number): ColumnData {
  const column = trialColumn(name);
  const wire = (column.source === 'outcome' && column.wire) || 'u16';
  const values = new COLUMN_ARRAYS[wire === 'f32' ? 'f64' : wire](rows);
  return { values, categories: column.type === 'category' ? column.categories : column.type === 'text' ? [] : null };
}

/** Throws NarrowsError `cursor-invalid` when the position's value is not one of the column. */
function isAfter({ values, categories }: ColumnData, key: SortKey, { value, index }: PagePosition): (row: number) => boolean {
  const entry = value === null ? missingIn(values) : categories ? categories.indexOf(String(value)) : value;
  if (typeof entry === 'string' || (categories !== null && entry < 0)) throw invalidCursorError();
  const last = key(entry);
  return (row) => {
    const own = key(values[row] ?? Number.NaN);
    return own > last || (own === last && row > index);
  };
}
