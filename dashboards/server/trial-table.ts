/**
 * The trials of one sweep as columns in memory: what was planned by arithmetic on the spec, what became of it from the rows of the database. Filters, orders and counts
 * over any column take a pass over some numbers, which no index of the database could give for every column and every pair of them.
 */
import type { OutcomeColumns } from '../../db/queries/outcomes.ts';
import { OUTCOMES } from '../../db/schema.ts';
import { METHODS, type Method } from '../../models/engine.ts';
import { type ConfigurationColumn, parameterWord } from '../../search/configuration-columns.ts';
import { trialCount, trialId } from '../../search/space.ts';
import type { Dimension, PARAMETERS, SweepSpec } from '../../search/spec.ts';
import { type Condition, satisfies, WHERE_COLUMNS, type WhereColumn } from '../../search/where.ts';
import { cursorInvalid } from './cursor.ts';

export type TableColumn = WhereColumn | 'finishedAt';
export const TABLE_COLUMNS = [...Object.keys(WHERE_COLUMNS), 'finishedAt'] as TableColumn[];

/** A column, read by the number of a trial. */
export interface Reading {
  /** NaN: no value. Of words: the place among them. */
  readonly at: (index: number) => number;
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
  readonly spec: SweepSpec;
  readonly planned: number;
  /** Every row of the sweep up to this revision is in the table; -1: none was read yet. */
  revision = -1;
  /** Trials that have a row. */
  total = 0;
  readonly #seeds: Float64Array;
  readonly #columns: ReadonlyMap<string, ConfigurationColumn>;
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

  constructor(sweepId: string, spec: SweepSpec, columns: readonly ConfigurationColumn[]) {
    const planned = trialCount(spec);
    this.sweepId = sweepId;
    this.spec = spec;
    this.planned = planned;
    this.#seeds = Float64Array.from(spec.seeds);
    this.#columns = new Map(columns.map((column) => [column.name, column]));
    this.#present = new Uint8Array(planned);
    this.#outcome = new Uint8Array(planned);
    this.#rung = new Uint8Array(planned);
    this.#validation = new Float64Array(planned);
    this.#epochs = new Uint32Array(planned);
    this.#secondsSpent = new Float64Array(planned);
    this.#finishedAt = new Float64Array(planned);
    this.#revisions = new Float64Array(planned);
    this.#engine = new Uint8Array(planned);
  }

  /** Roughly what it holds in memory. */
  get bytes(): number {
    const perConfiguration = [...this.#columns.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
    return perConfiguration + 48 * this.planned;
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

  configurationOf(index: number): number {
    return Math.floor(index / this.#seeds.length);
  }

  column(name: TableColumn): Reading {
    const seeds = this.#seeds.length;
    const numbers = (values: ArrayLike<number>): Reading => ({ at: (index) => values[index] as number, words: null });
    switch (name) {
      case 'index':
        return { at: (index) => index, words: null };
      case 'seed': {
        const values = this.#seeds;
        return { at: (index) => values[index % seeds] as number, words: null };
      }
      case 'outcome': {
        const values = this.#outcome;
        return { at: (index) => values[index] as number, words: OUTCOMES };
      }
      case 'engine': {
        const values = this.#engine;
        return { at: (index) => values[index] as number, words: this.#engines };
      }
      case 'rung':
        return numbers(this.#rung);
      case 'validation':
        return numbers(this.#validation);
      case 'epochs':
        return numbers(this.#epochs);
      case 'seconds':
        return numbers(this.#secondsSpent);
      case 'finishedAt':
        return numbers(this.#finishedAt);
      case 'trial':
        // Words of their own, as many as there are trials; conditions on it are answered by number.
        return { at: (index) => index, words: null };
      default: {
        const column = this.#columns.get(name);
        if (column) {
          const { values, words: named } = column;
          return { at: (index) => values[Math.floor(index / seeds)] as number, words: named };
        }
        const value = parameterWord(
          (this.spec.space[name as (typeof PARAMETERS)[number]] as Dimension<unknown> & { value: unknown }).value,
        );
        return typeof value === 'number' ? { at: () => value, words: null } : { at: () => 0, words: [value] };
      }
    }
  }

  /** Whether a trial that has a row satisfies all conditions. */
  filter(where: readonly Condition[]): (index: number) => boolean {
    const tests = where.map((condition) => this.#test(condition));
    return (index) => {
      for (const test of tests) if (!test(index)) return false;
      return true;
    };
  }

  #test(condition: Condition): (index: number) => boolean {
    if (condition.column === 'trial') {
      return (index) => satisfies(condition, trialId(this.sweepId, index));
    }
    const { at, words: named } = this.column(condition.column);
    if (named) {
      const fits = named.map((word) => satisfies(condition, word));
      return (index) => fits[at(index)] as boolean;
    }
    return (index) => {
      const value = at(index);
      return satisfies(condition, Number.isNaN(value) ? null : value);
    };
  }

  /** Calls `visit` with the numbers of all trials that have a row and satisfy the conditions, rising. */
  each(where: readonly Condition[], visit: (index: number) => void): void {
    const fits = this.filter(where);
    for (let index = 0; index < this.planned; index++) if (this.#present[index] === 1 && fits(index)) visit(index);
  }

  /** Ordered by the column, rows without a value last, equal ones by number. Throws NarrowsError `cursor-invalid`. */
  page({ where, sort, descending, limit, after }: PageRequest): TablePage {
    const { key, place, keyOf } = this.#order(sort, descending);
    const from = after === null ? null : { key: keyOf(after.value), index: after.index };
    const best = new Smallest(limit + 1);
    let matched = 0;
    this.each(where, (index) => {
      matched++;
      const own = key(index);
      if (from !== null && !(own > from.key || (own === from.key && index > from.index))) return;
      best.offer(own, index);
    });
    const found = best.sorted();
    const indices = found.slice(0, limit);
    const last = indices.at(-1);
    const next = found.length > limit && last !== undefined ? { value: place(last), index: last } : null;
    return { indices, matched, next };
  }

  /** Keys that rise in the order asked for; Infinity of a row without a value. */
  #order(sort: TableColumn, descending: boolean) {
    const sign = descending ? -1 : 1;
    const { at, words: named } = this.column(sort === 'trial' ? 'index' : sort);
    if (!named) {
      const keyed = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * value);
      return {
        key: (index: number) => keyed(at(index)),
        place: (index: number) => (Number.isNaN(at(index)) ? null : at(index)),
        keyOf: (value: number | string | null) => {
          if (typeof value === 'string') throw cursorInvalid();
          return value === null ? Number.POSITIVE_INFINITY : sign * value;
        },
      };
    }
    const sorted = named.toSorted(words.compare);
    const ranks = named.map((word) => sign * sorted.indexOf(word));
    return {
      key: (index: number) => ranks[at(index)] as number,
      place: (index: number) => named[at(index)] as string,
      keyOf: (value: number | string | null) => {
        const rank = ranks[named.indexOf(value as string)];
        if (rank === undefined) throw cursorInvalid();
        return rank;
      },
    };
  }

  /** Outcomes by method, in the order of METHODS, of those that have a row. */
  tally(): MethodTally[] {
    const counts = METHODS.map(() => new Uint32Array(OUTCOMES.length));
    const method = this.column('method').at;
    for (let index = 0; index < this.planned; index++) {
      if (this.#present[index] === 0) continue;
      const own = counts[method(index)] as Uint32Array;
      const outcome = this.#outcome[index] as number;
      own[outcome] = (own[outcome] as number) + 1;
    }
    const of = (own: Uint32Array, outcome: (typeof OUTCOMES)[number]) => own[OUTCOMES.indexOf(outcome)] as number;
    return METHODS.flatMap((name, i) => {
      const own = counts[i] as Uint32Array;
      if (own.every((count) => count === 0)) return [];
      const tally = { completed: of(own, 'completed'), pruned: of(own, 'pruned'), diverged: of(own, 'diverged') };
      return [{ method: name, ...tally, failed: of(own, 'failed'), rung: of(own, 'rung') }];
    });
  }

  /** Numbers of the trials that were written after a revision, rising. */
  writtenAfter(revision: number): number[] {
    const found: number[] = [];
    for (let index = 0; index < this.planned; index++) {
      if (this.#present[index] === 1 && (this.#revisions[index] as number) > revision) found.push(index);
    }
    return found;
  }
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
