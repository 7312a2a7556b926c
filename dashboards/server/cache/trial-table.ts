/**
 * The trials of one sweep as columns in memory: what was planned by arithmetic on the spec, what became of it from the rows of the database. Filters, orders and counts
 * over any column take a pass over some numbers, which no index of the database could give for every column and every pair of them.
 */

import type { OutcomeColumns } from '../../../db/queries/trials/outcomes.ts';
import { METHODS, type Method } from '../../../models/methods/catalogue.ts';
import { type PlannedColumn, parameterWord } from '../../../search/columns/planned.ts';
import { type Condition, satisfies, WHERE_COLUMNS, type WhereColumn } from '../../../search/columns/where.ts';
import { trialCount, trialId } from '../../../search/space.ts';
import type { Dimension, PARAMETERS, SweepSpec } from '../../../search/spec.ts';
import { OUTCOMES } from '../../../search/states.ts';
import { invalidCursorError } from '../cursor.ts';

export type TableColumn = WhereColumn | 'finishedAt';
export const TABLE_COLUMNS = [...Object.keys(WHERE_COLUMNS), 'finishedAt'] as TableColumn[];

/** One entry per planned trial, which says something of those that have a row. */
export interface TableValues {
  /** NaN: no value. Of words: the place among them. */
  readonly values: Uint8Array | Uint16Array | Uint32Array | Float64Array;
  /** Null of a column of numbers. */
  readonly words: readonly string[] | null;
}

export interface PageRequest {
  readonly where: readonly Condition[];
  readonly sort: TableColumn;
  readonly descending: boolean;
  readonly limit: number;
  /** The row before the page: its value (null: it has none) and number; null on the first page. */
  readonly after: { readonly value: number | string | null; readonly index: number } | null;
}

export interface TablePage {
  /** Numbers of trials, in order. */
  readonly indices: readonly number[];
  readonly matched: number;
  /** Where the next page begins after; null on the last one. */
  readonly next: { readonly value: number | string | null; readonly index: number } | null;
}

export interface MethodTally {
  readonly method: Method;
  readonly completed: number;
  readonly pruned: number;
  readonly diverged: number;
  readonly failed: number;
  readonly rung: number;
}

const words = new Intl.Collator('en', { numeric: true });

export class TrialTable {
  readonly sweepId: string;
  readonly planned: number;
  /** Every row of the sweep up to this revision is in the table; -1: none was read yet. */
  revision = -1;
  /** Trials that have a row. */
  total = 0;
  readonly #space: SweepSpec['space'];
  readonly #columns = new Map<TableColumn, TableValues>();
  /** 1 of a trial that has a row. */
  readonly #present: Uint8Array;
  readonly #outcome: Uint8Array;
  readonly #rung: Uint8Array;
  readonly #validation: Float64Array;
  readonly #epochs: Uint32Array;
  readonly #secondsSpent: Float64Array;
  readonly #finishedAt: Float64Array;
  readonly #revisions: Float64Array;
  readonly #engine: Uint8Array;
  readonly #engines: string[] = [];
  #tally: { readonly revision: number; readonly methods: readonly MethodTally[] } | null = null;

  constructor(sweepId: string, spec: SweepSpec, planned: readonly PlannedColumn[]) {
    const trials = trialCount(spec);
    this.sweepId = sweepId;
    this.planned = trials;
    this.#space = spec.space;
    this.#present = new Uint8Array(trials);
    this.#outcome = new Uint8Array(trials);
    this.#rung = new Uint8Array(trials);
    this.#validation = new Float64Array(trials);
    this.#epochs = new Uint32Array(trials);
    this.#secondsSpent = new Float64Array(trials);
    this.#finishedAt = new Float64Array(trials);
    this.#revisions = new Float64Array(trials);
    this.#engine = new Uint8Array(trials);
    for (const { name, values, words: named } of planned) this.#columns.set(name, { values, words: named });
    const numbers = Uint32Array.from({ length: trials }, (_, index) => index);
    const own: [TableColumn, TableValues['values'], readonly string[] | null][] = [
      ['index', numbers, null],
      ['trial', numbers, null],
      ['outcome', this.#outcome, OUTCOMES],
      ['rung', this.#rung, null],
      ['validation', this.#validation, null],
      ['epochs', this.#epochs, null],
      ['seconds', this.#secondsSpent, null],
      ['finishedAt', this.#finishedAt, null],
      ['engine', this.#engine, this.#engines],
    ];
    for (const [name, values, named] of own) this.#columns.set(name, { values, words: named });
  }

  /** Roughly what it holds in memory. */
  get bytes(): number {
    const columns = [...this.#columns.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
    return columns + this.#present.byteLength + this.#revisions.byteLength;
  }

  /** Takes rows in; `upTo`: a revision that was stored before they were read. */
  merge(rows: OutcomeColumns, upTo: number): void {
    for (let i = 0; i < rows.rows; i++) {
      const index = rows.index[i] as number;
      if (this.#present[index] === 0) this.total++;
      this.#present[index] = 1;
      this.#outcome[index] = rows.outcome[i] as number;
      this.#rung[index] = rows.rung[i] as number;
      this.#validation[index] = rows.validation[i] as number;
      this.#epochs[index] = rows.epochs[i] as number;
      this.#secondsSpent[index] = rows.seconds[i] as number;
      this.#finishedAt[index] = rows.finishedAt[i] as number;
      this.#revisions[index] = rows.revisions[i] as number;
      this.#engine[index] = this.#placeOfEngine(rows.engine[i] as string);
    }
    this.revision = Math.max(this.revision, rows.revision, upTo);
  }

  #placeOfEngine(engine: string): number {
    const place = this.#engines.indexOf(engine);
    return place >= 0 ? place : this.#engines.push(engine) - 1;
  }

  /** Of `trial` the numbers of the trials, which is how they are ordered. */
  column(name: TableColumn): TableValues {
    const known = this.#columns.get(name);
    if (known) return known;
    // A parameter that does not vary.
    const { value } = this.#space[name as (typeof PARAMETERS)[number]] as Dimension<unknown> & { readonly value: unknown };
    const plain = parameterWord(value);
    const constant: TableValues =
      typeof plain === 'number'
        ? { values: new Float64Array(this.planned).fill(plain), words: null }
        : { values: new Uint8Array(this.planned), words: [plain] };
    this.#columns.set(name, constant);
    return constant;
  }

  /** Numbers of the trials that have a row and satisfy all conditions, rising. */
  matching(where: readonly Condition[]): Uint32Array {
    const fits = Uint8Array.from(this.#present);
    for (const condition of where) this.#narrow(fits, condition);
    return placesOf(fits);
  }

  #narrow(fits: Uint8Array, condition: Condition): void {
    if (condition.column === 'trial') {
      fits.forEach((fit, index) => {
        if (fit === 1 && !satisfies(condition, trialId(this.sweepId, index))) fits[index] = 0;
      });
      return;
    }
    const { values, words: named } = this.column(condition.column);
    if (named) {
      const fitting = Uint8Array.from(named, (word) => (satisfies(condition, word) ? 1 : 0));
      for (let index = 0; index < fits.length; index++) {
        if (fitting[values[index] as number] === 0) fits[index] = 0;
      }
      return;
    }
    const test = numericTest(condition);
    for (let index = 0; index < fits.length; index++) {
      if (fits[index] === 1 && !test(values[index] as number)) fits[index] = 0;
    }
  }

  /** Ordered by the column, rows without a value last, equal ones by number. Throws NarrowsError `cursor-invalid`. */
  page({ where, sort, descending, limit, after }: PageRequest): TablePage {
    const { values, words: named } = this.column(sort);
    const sign = descending ? -1 : 1;
    const sorted = named?.toSorted(words.compare);
    const ranks = named && sorted ? Float64Array.from(named, (word) => sorted.indexOf(word)) : null;
    /** Rises in the order asked for; Infinity of a row without a value. */
    const keyOf = (value: number) =>
      Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * (ranks ? (ranks[value] as number) : value);
    const from = after === null ? null : { key: keyOf(placeIn(named, after.value)), index: after.index };
    const best = new Smallest(limit + 1);
    const matching = this.matching(where);
    // What rises along the numbers, such as the time of ending, is met in the order asked for: then few are offered in vain.
    for (let i = 0; i < matching.length; i++) {
      const index = matching[descending ? matching.length - 1 - i : i] as number;
      const key = keyOf(values[index] as number);
      if (from === null || key > from.key || (key === from.key && index > from.index)) best.offer(key, index);
    }
    const found = best.sorted();
    const indices = found.slice(0, limit);
    const last = indices.at(-1);
    if (found.length <= limit || last === undefined) return { indices, matched: matching.length, next: null };
    const value = values[last] as number;
    const plain = named ? (named[value] as string) : Number.isNaN(value) ? null : value;
    return { indices, matched: matching.length, next: { value: plain, index: last } };
  }

  /** Outcomes by method, in the order of METHODS, of those that have a row. */
  tally(): readonly MethodTally[] {
    if (this.#tally?.revision === this.revision) return this.#tally.methods;
    const counts = new Uint32Array(METHODS.length * OUTCOMES.length);
    const method = this.column('method').values;
    for (let index = 0; index < this.planned; index++) {
      if (this.#present[index] === 0) continue;
      const place = (method[index] as number) * OUTCOMES.length + (this.#outcome[index] as number);
      counts[place] = (counts[place] as number) + 1;
    }
    const methods = METHODS.flatMap((name, i) => {
      const own = counts.subarray(i * OUTCOMES.length, (i + 1) * OUTCOMES.length);
      const of = (outcome: (typeof OUTCOMES)[number]) => own[OUTCOMES.indexOf(outcome)] as number;
      if (own.every((count) => count === 0)) return [];
      const ended = { completed: of('completed'), pruned: of('pruned'), diverged: of('diverged'), failed: of('failed') };
      return [{ method: name, ...ended, rung: of('rung') }];
    });
    this.#tally = { revision: this.revision, methods };
    return methods;
  }

  /** Numbers of the trials that were written after a revision, rising. */
  writtenAfter(revision: number): Uint32Array {
    const fits = new Uint8Array(this.planned);
    for (let index = 0; index < this.planned; index++) {
      if (this.#present[index] === 1 && (this.#revisions[index] as number) > revision) fits[index] = 1;
    }
    return placesOf(fits);
  }
}

/** Where there is a 1, rising. */
function placesOf(marks: Uint8Array): Uint32Array {
  let count = 0;
  for (let i = 0; i < marks.length; i++) count += marks[i] as number;
  const places = new Uint32Array(count);
  let next = 0;
  for (let i = 0; i < marks.length; i++) if (marks[i] === 1) places[next++] = i;
  return places;
}

/** satisfies() of numbers, NaN for none: a comparison with NaN is false, as one with no value should be. */
function numericTest(condition: Condition): (value: number) => boolean {
  if ('values' in condition) {
    const numbers = condition.values.map((value) => value ?? Number.NaN) as number[];
    const [only] = numbers;
    const isOne =
      numbers.length === 1 && !Number.isNaN(only)
        ? (value: number) => value === only
        : (value: number) => numbers.includes(value);
    return condition.op === '=' ? isOne : (value) => !isOne(value);
  }
  const { op, value: limit } = condition;
  switch (op) {
    case '<':
      return (value) => value < limit;
    case '<=':
      return (value) => value <= limit;
    case '>':
      return (value) => value > limit;
    case '>=':
      return (value) => value >= limit;
  }
}

/** The value of a cursor as the column holds it. Throws NarrowsError `cursor-invalid`. */
function placeIn(named: readonly string[] | null, value: number | string | null): number {
  if (named === null) {
    if (typeof value === 'string') throw invalidCursorError();
    return value ?? Number.NaN;
  }
  const place = named.indexOf(String(value));
  if (place < 0) throw invalidCursorError();
  return place;
}

/** The `size` smallest of what it is offered, by key and then by number: a heap whose root is the largest of them. */
class Smallest {
  readonly #size: number;
  readonly #keys: number[] = [];
  readonly #indices: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  offer(key: number, index: number): void {
    const count = this.#keys.length;
    if (count < this.#size) {
      this.#keys.push(key);
      this.#indices.push(index);
      this.#rise(count);
      return;
    }
    if (key > (this.#keys[0] as number) || (key === this.#keys[0] && index > (this.#indices[0] as number))) return;
    this.#keys[0] = key;
    this.#indices[0] = index;
    this.#sink();
  }

  sorted(): number[] {
    const keyOf = new Map(this.#indices.map((index, i) => [index, this.#keys[i] as number]));
    return this.#indices.toSorted((a, b) => {
      const [x, y] = [keyOf.get(a) as number, keyOf.get(b) as number];
      return x === y ? a - b : x < y ? -1 : 1;
    });
  }

  #above(i: number, j: number): boolean {
    const [a, b] = [this.#keys[i] as number, this.#keys[j] as number];
    return a > b || (a === b && (this.#indices[i] as number) > (this.#indices[j] as number));
  }

  #swap(i: number, j: number): void {
    [this.#keys[i], this.#keys[j]] = [this.#keys[j] as number, this.#keys[i] as number];
    [this.#indices[i], this.#indices[j]] = [this.#indices[j] as number, this.#indices[i] as number];
  }

  #rise(from: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#above(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(): void {
    const count = this.#keys.length;
    let i = 0;
    for (;;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let largest = i;
      if (left < count && this.#above(left, largest)) largest = left;
      if (right < count && this.#above(right, largest)) largest = right;
      if (largest === i) return;
      this.#swap(i, largest);
      i = largest;
    }
  }
}
