/**
 * The trials of a sweep as columns: what was planned (known at once, arithmetic on the spec) and what came of it (merged in as it is written). Row i is
 * trial i of the plan, so a trial that has not begun is a row too: nothing is dropped, what has no value says so.
 */
import type { SweepDetail } from '../../contract/sweeps.ts';
import { type Decoded, type Extent, extentOf } from './decode.ts';

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
  /** One per trial: a number, or that of a word; NaN where there is none. Written in place, or replaced, as outcomes come. */
  values: Float64Array<ArrayBuffer>;
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

interface About {
  readonly name: string;
  readonly words: readonly string[];
  readonly whole: boolean;
  readonly spread?: Spread;
}

function field({ name, words, whole, spread = 'linear' }: About, values: Float64Array<ArrayBuffer>, extent: Extent): Field {
  const { label, unit } = LABELS[name] ?? { label: name };
  const { lowest, highest, missing } = extent;
  return {
    name,
    label,
    unit: unit ?? null,
    spread: words.length > 0 ? 'words' : spread,
    words,
    whole,
    values,
    ...{ lowest, highest, missing },
    version: 1,
  };
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
export function tableOf({ rows, columns }: Decoded, parameters: SweepDetail['parameters']): TrialTable {
  const numbers = new Float64Array(rows);
  for (let i = 0; i < rows; i++) numbers[i] = i;
  const index = field({ name: 'index', words: [], whole: true }, numbers, extentOf(numbers));
  const planned = columns.map((column) => {
    const whole = column.whole || column.name === 'seed';
    return field({ ...column, whole, spread: spreadOf(column.name, parameters) }, column.values, column);
  });
  const none: Extent = { lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY, missing: rows };
  const outcomes = OUTCOME_FIELDS.map((about) => field(about, new Float64Array(rows).fill(Number.NaN), none));
  const fields = [index, ...planned, ...outcomes];
  return { rows, fields: new Map(fields.map((one) => [one.name, one])), known: 0, revision: null, version: 0 };
}

/** Takes outcomes over into the rows of their trials, and tells how many rows that were. An outcome outside the plan throws RangeError. */
export function mergeOutcomes(table: TrialTable, outcomes: Decoded): number {
  const rows = outcomes.columns.find(({ name }) => name === 'index')?.values;
  if (!rows) throw new RangeError('outcomes without a column `index`');
  let isEveryRow = rows.length === table.rows;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row >= table.rows) throw new RangeError(`trial ${row} lies outside the plan's ${table.rows}`);
    isEveryRow &&= row === i;
  }
  for (const column of outcomes.columns) {
    const into = table.fields.get(column.name);
    if (!into || column.name === 'index') continue;
    const { values, words, lowest, highest, missing } = column;
    // The server numbers its words itself.
    const isRenumbered = words.some((word, i) => into.words[i] !== word);
    if (isRenumbered) {
      const numbers = words.map((word) => (into.words.includes(word) ? into.words.indexOf(word) : Number.NaN));
      for (let i = 0; i < values.length; i++) values[i] = numbers[values[i] as number] ?? Number.NaN;
    }
    if (isEveryRow) into.values = values;
    else for (let i = 0; i < rows.length; i++) into.values[rows[i] as number] = values[i] as number;
    Object.assign(into, isEveryRow && !isRenumbered ? { lowest, highest, missing } : extentOf(into.values));
    into.version++;
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
