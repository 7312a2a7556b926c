/**
 * The trials of a sweep as columns: what was planned (known at once, arithmetic on the spec) and what came of it (merged in as it is written). Row i is
 * trial i of the plan, so a trial that has not begun is a row too: nothing is dropped, what has no value says so.
 */
import type { Column, Columns } from '../../contract/columns.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';

/** What a trial can have come to; one that is not in the list has not reached its first rung yet. */
export const OUTCOME_WORDS = ['rung', 'completed', 'pruned', 'diverged', 'failed'] as const;

/** How values spread over an axis. `residual`: by -log10(1 - value), for shares close to 1. */
export type Spread = 'linear' | 'log' | 'residual' | 'words';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly unit: string | null;
  readonly spread: Spread;
  /** Number -> word; empty for a column of numbers. */
  readonly words: readonly string[];
  readonly whole: boolean;
  /** One per trial: a number, or that of a word; NaN where there is none. Written in place as outcomes come. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Of the values there are; Infinity and -Infinity where there are none. */
  lowest: number;
  highest: number;
  missing: number;
  /** Rises when values were written. */
  version: number;
}

export interface TrialTable {
  readonly rows: number;
  readonly fields: ReadonlyMap<string, Field>;
  /** Trials that the database knows of: ended, or waiting between rungs. */
  known: number;
  /** The revision up to which outcomes are in. */
  revision: number | null;
  /** Rises with every merge. */
  version: number;
}

const LABELS: Readonly<Record<string, { readonly label: string; readonly unit?: string }>> = {
  index: { label: 'trial' },
  method: { label: 'method' },
  k: { label: 'k' },
  seed: { label: 'seed' },
  learningRate: { label: 'learning rate' },
  weightDecay: { label: 'weight decay' },
  optimiser: { label: 'optimiser' },
  schedule: { label: 'schedule' },
  dropout: { label: 'dropout' },
  layerNorm: { label: 'layer norm' },
  activation: { label: 'activation' },
  hidden: { label: 'hidden layers' },
  outcome: { label: 'outcome' },
  rung: { label: 'rung' },
  validation: { label: 'covered variance (validation)' },
  epochs: { label: 'epochs' },
  seconds: { label: 'seconds', unit: 's' },
  finishedAt: { label: 'ended' },
};

/** How a column is called on a page. */
export const labelOf = (name: string): string => LABELS[name]?.label ?? name;

/** Columns that outcomes bring, in the order in which a table shows them. */
const OUTCOME_FIELDS = [
  { name: 'outcome', words: OUTCOME_WORDS, whole: false },
  { name: 'rung', words: [], whole: true },
  { name: 'validation', words: [], whole: false },
  { name: 'epochs', words: [], whole: true },
  { name: 'seconds', words: [], whole: false },
  { name: 'finishedAt', words: [], whole: true },
] as const;

/** A column without any value. */
function field(name: string, values: Float64Array<ArrayBuffer>, words: readonly string[], spread: Spread, whole: boolean): Field {
  const { label, unit } = LABELS[name] ?? { label: name };
  return {
    name,
    label,
    unit: unit ?? null,
    spread: words.length > 0 ? 'words' : spread,
    words,
    whole,
    values,
    lowest: Number.POSITIVE_INFINITY,
    highest: Number.NEGATIVE_INFINITY,
    missing: values.length,
    version: 0,
  };
}

/** A column's numbers with NaN for none. All as doubles: one loop over one kind of array is several times as fast as one over four kinds. */
function valuesOf(column: Column): Float64Array<ArrayBuffer> {
  const values = new Float64Array(column.values);
  const none = noneOf(column);
  if (!Number.isNaN(none)) for (let i = 0; i < values.length; i++) if (values[i] === none) values[i] = Number.NaN;
  return values;
}

/** What stands for "none" in a column of whole numbers or words; NaN, in one of figures, needs no word. */
function noneOf({ values }: Column): number {
  if (values instanceof Uint8Array) return 0xff;
  if (values instanceof Uint16Array) return 0xffff;
  return values instanceof Uint32Array ? 0xffffffff : Number.NaN;
}

const isWhole = ({ values }: Column): boolean => !(values instanceof Float32Array || values instanceof Float64Array);

/** Told of what its values are now. */
function measured(one: Field): Field {
  const { values } = one;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let missing = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) missing++;
    else {
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
  }
  one.lowest = lowest;
  one.highest = highest;
  one.missing = missing;
  one.version++;
  return one;
}

/** A range this wide over positive numbers reads better in its logarithm, even where the spec names the values one by one. */
const DECADES = 50;

function spreadOf(name: string, parameters: SweepDetail['parameters']): Spread {
  const parameter = parameters.find((one) => one.name === name);
  if (parameter?.kind === 'log') return 'log';
  const numbers = (parameter?.values ?? []).filter((value) => typeof value === 'number');
  const least = Math.min(...numbers);
  return numbers.length > 1 && least > 0 && Math.max(...numbers) / least >= DECADES ? 'log' : 'linear';
}

/** The plan's columns with outcomes still empty. */
export function tableOf(configurations: Columns, parameters: SweepDetail['parameters']): TrialTable {
  const { rows } = configurations;
  const numbers = new Float64Array(rows);
  for (let i = 0; i < rows; i++) numbers[i] = i;
  const index = measured(field('index', numbers, [], 'linear', true));
  const planned = configurations.columns.map((column) => {
    const words = column.words ?? [];
    const whole = isWhole(column) || column.name === 'seed';
    return measured(field(column.name, valuesOf(column), words, spreadOf(column.name, parameters), whole));
  });
  const outcomes = OUTCOME_FIELDS.map(({ name, words, whole }) =>
    field(name, new Float64Array(rows).fill(Number.NaN), words, 'linear', whole),
  );
  const fields = [index, ...planned, ...outcomes];
  return { rows, fields: new Map(fields.map((one) => [one.name, one])), known: 0, revision: null, version: 0 };
}

/** Writes outcomes into the rows of their trials, and tells how many rows that were. An outcome outside the plan throws RangeError. */
export function mergeOutcomes(table: TrialTable, outcomes: Columns): number {
  const index = outcomes.columns.find(({ name }) => name === 'index');
  if (!index) throw new RangeError('outcomes without a column `index`');
  const rows = new Uint32Array(index.values);
  let isWhole = rows.length === table.rows;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row >= table.rows) throw new RangeError(`trial ${row} lies outside the plan's ${table.rows}`);
    isWhole &&= row === i;
  }
  for (const column of outcomes.columns) {
    const into = table.fields.get(column.name);
    if (!into || column.name === 'index') continue;
    const values = valuesOf(column);
    // The server numbers its words itself.
    const numbers = column.words?.map((word) => into.words.indexOf(word));
    if (numbers) for (let i = 0; i < values.length; i++) values[i] = numbers[values[i] as number] ?? Number.NaN;
    if (isWhole) into.values.set(values);
    else for (let i = 0; i < rows.length; i++) into.values[rows[i] as number] = values[i] as number;
    measured(into);
  }
  const revision = outcomes.about.revision;
  if (typeof revision === 'number') table.revision = revision;
  table.known = table.rows - (table.fields.get('outcome')?.missing ?? table.rows);
  table.version++;
  return outcomes.rows;
}

/** Trials by outcome, and those that have none yet. */
export function outcomeCounts(table: TrialTable): Readonly<Record<(typeof OUTCOME_WORDS)[number] | 'none', number>> {
  const counts = { rung: 0, completed: 0, pruned: 0, diverged: 0, failed: 0, none: 0 };
  for (const value of (table.fields.get('outcome') as Field).values) counts[OUTCOME_WORDS[value] ?? 'none']++;
  return counts;
}
