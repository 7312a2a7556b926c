/**
 * The trials of one sweep as columns in memory: the plan by arithmetic on the spec, outcomes from
 * the rows of the database. Filters, orders and counts over any column take one pass over its
 * numbers, which no database index could give for every column and every pair of them.
 */
import type { OutcomeColumns } from '../../../db/queries/trials/outcomes.ts';
import { METHODS, type Method } from '../../../models/methods/catalogue.ts';
import { COLUMN_ARRAYS, type ColumnData, missingIn, narrow, rowsOf, scatter, valueAt } from '../../../search/columns/column.ts';
import { alphabeticalRanks, firstRows, type Order, type SortKey, sortKey } from '../../../search/columns/order.ts';
import { constantColumn, type PlannedColumn, warmColumn } from '../../../search/columns/planned.ts';
import { type ColumnName, OUTCOME_COLUMNS, type OutcomeColumnName, trialColumn } from '../../../search/columns/trial-columns.ts';
import { type Condition, compileCondition, type Test } from '../../../search/columns/where.ts';
import type { ParameterName } from '../../../search/parameters.ts';
import { trialCount, trialId } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { OUTCOMES, type Outcome } from '../../../search/states.ts';
import { invalidCursorError } from '../cursor.ts';

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

export class TrialTable {
  readonly sweepId: string;
  readonly planned: number;
  /** Every row of the sweep up to this revision is in the table; -1: none was read yet. */
  revision = -1;
  /** Trials that have a row. */
  total = 0;
  readonly #spec: SweepSpec;
  readonly #columns = new Map<ColumnName, ColumnData>();
  /** 1 for a trial that has a row. */
  readonly #present: Uint8Array;
  readonly #revisions: Float64Array;
  #tally: { readonly revision: number; readonly methods: readonly MethodTally[] } | null = null;

  constructor(sweepId: string, spec: SweepSpec, planned: readonly PlannedColumn[]) {
    const trials = trialCount(spec);
    this.sweepId = sweepId;
    this.planned = trials;
    this.#spec = spec;
    this.#present = new Uint8Array(trials);
    this.#revisions = new Float64Array(trials);
    const index: ColumnData = { values: Uint32Array.from({ length: trials }, (_, i) => i), categories: null };
    this.#columns.set('index', index);
    // Ids are ordered by the numbers that they end with.
    this.#columns.set('trial', index);
    for (const column of planned) this.#columns.set(column.name, column);
    for (const name of OUTCOME_COLUMNS) this.#columns.set(name, emptyColumn(name, trials));
  }

  /** Roughly what it takes in memory. */
  get bytes(): number {
    const columns = [...this.#columns.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
    return columns + this.#present.byteLength + this.#revisions.byteLength;
  }

  /** Merges rows; `upTo`: a revision that was stored before they were read. */
  merge({ index, revisions, columns, revision }: OutcomeColumns, upTo: number): void {
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
    this.revision = Math.max(this.revision, revision, upTo);
  }

  /** Returns a column with one entry per planned trial, valid for trials that have a row. */
  column(name: ColumnName): ColumnData {
    const known = this.#columns.get(name);
    if (known) return known;
    const column =
      name === 'warm'
        ? warmColumn(this.#spec, this.column('start'))
        : constantColumn(this.#spec, name as ParameterName | 'partition');
    this.#columns.set(name, column);
    return column;
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
    if (this.#tally?.revision === this.revision) return this.#tally.methods;
    const counts = METHODS.map((method) => ({ method, completed: 0, pruned: 0, diverged: 0, failed: 0, rung: 0 }));
    const [method, outcome] = [this.column('method').values, this.column('outcome').values];
    for (let row = 0; row < this.planned; row++) {
      if (this.#present[row] === 0) continue;
      const own = counts[method[row] ?? 0];
      const ended = OUTCOMES[outcome[row] ?? 0];
      if (own && ended) own[ended]++;
    }
    const methods = counts.filter((own) => OUTCOMES.some((one) => own[one] > 0));
    this.#tally = { revision: this.revision, methods };
    return methods;
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
  if (typeof entry === 'string' || entry < 0) throw invalidCursorError();
  const last = key(entry);
  return (row) => {
    const own = key(values[row] ?? Number.NaN);
    return own > last || (own === last && row > index);
  };
}
