/**
 * Which trials are meant: conditions joined by commas, such as `method=eca|nnca,k=2,validation>=0.9,learningRate<0.01,outcome!=failed,validation=none`. One language
 * for the command line, the HTTP API and the pages.
 */
import { didYouMean, NarrowsError } from '../../errors.ts';
import { METHODS } from '../../models/methods/catalogue.ts';
import { ACTIVATIONS } from '../../models/networks/activations.ts';
import { OPTIMISERS } from '../../models/networks/network.ts';
import { SCHEDULES } from '../../models/training/schedule.ts';
import type { ParameterName } from '../spec.ts';

/** What a column holds: numbers, words of a closed set, or any words. */
type Kind = { readonly kind: 'number' } | { readonly kind: 'word'; readonly words: readonly string[] | null };

const NUMBER: Kind = { kind: 'number' };
const word = (words: readonly string[] | null): Kind => ({ kind: 'word', words });

export const WHERE_COLUMNS = {
  index: NUMBER,
  method: word(METHODS),
  k: NUMBER,
  seed: NUMBER,
  outcome: word(['rung', 'completed', 'pruned', 'diverged', 'failed']),
  rung: NUMBER,
  validation: NUMBER,
  epochs: NUMBER,
  seconds: NUMBER,
  engine: word(null),
  trial: word(null),
  learningRate: NUMBER,
  weightDecay: NUMBER,
  optimiser: word(OPTIMISERS),
  schedule: word(SCHEDULES),
  dropout: NUMBER,
  layerNorm: word(['true', 'false']),
  activation: word(ACTIVATIONS),
  /** Widths of the hidden layers as '64-64'. */
  hidden: word(null),
  start: word(['scratch', 'warm']),
  /** The trial whose weights a warm one began from. */
  warm: word(null),
} as const satisfies Record<string, Kind> & Record<ParameterName, Kind>;
export type WhereColumn = keyof typeof WHERE_COLUMNS;

const COLUMN_NAMES = Object.keys(WHERE_COLUMNS) as WhereColumn[];

export const isNumeric = (column: WhereColumn): boolean => WHERE_COLUMNS[column].kind === 'number';

const ORDERED = ['<=', '>=', '<', '>'] as const;

/** `=`: the row's value is one of `values` (null: it has none); `!=`: it is none of them. The others order numbers, and no row without a value satisfies them. */
export type Condition =
  | { readonly column: WhereColumn; readonly op: '=' | '!='; readonly values: readonly (string | number | null)[] }
  | { readonly column: WhereColumn; readonly op: (typeof ORDERED)[number]; readonly value: number };

/** A row to be judged: numbers as such, words as text, `layerNorm` also as a boolean, `hidden` also as a list. */
export type WhereRow = { readonly [Name in WhereColumn]?: string | number | boolean | readonly number[] | null | undefined };

/** The widths of hidden layers as a word: [64, 64] -> '64-64'. */
export const hiddenWord = (widths: readonly number[]): string => widths.join('-');

/** All conditions must hold; no text, no condition. Throws NarrowsError `where-invalid`. */
export function parseWhere(text: string): Condition[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseCondition);
}

function parseCondition(part: string): Condition {
  const [, name = '', op = '', given = ''] = /^([^=!<>]*?)\s*(!=|<=|>=|=|<|>)\s*(.*)$/s.exec(part) ?? [];
  if (name === '' || given === '') {
    throw invalid(`"${part}" is no condition`, 'write one like method=eca, validation>=0.9 or outcome!=failed');
  }
  const column = whereColumn(name);
  if (op === '=' || op === '!=')
    return { column, op, values: given.split('|').map((one) => parsedValue(column, one.trim(), part)) };
  if (!isNumeric(column)) throw invalid(`"${part}": ${column} holds words, which have no order`, `use ${column}= or ${column}!=`);
  const value = parsedValue(column, given, part);
  if (typeof value !== 'number') throw invalid(`"${part}" compares with no number`, `use ${column}=none or ${column}!=none`);
  return { column, op: op as (typeof ORDERED)[number], value };
}

/** The column of this name. Throws NarrowsError `where-invalid` that names the nearest one. */
export function whereColumn(name: string): WhereColumn {
  if (Object.hasOwn(WHERE_COLUMNS, name)) return name as WhereColumn;
  throw invalid(`there is no column "${name}" to filter by`, didYouMean(name, COLUMN_NAMES));
}

function parsedValue(column: WhereColumn, text: string, part: string): string | number | null {
  if (text === '') throw invalid(`"${part}" leaves a value empty`, `write "${column}=none" for rows without a value`);
  if (text === 'none') return null;
  const about: Kind = WHERE_COLUMNS[column];
  if (about.kind === 'number') {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw invalid(`"${part}": ${column} holds numbers, and "${text}" is none`, `write one, or "none" for rows without a value`);
  }
  if (about.words !== null && !about.words.includes(text)) {
    throw invalid(
      `"${part}": ${column} is never "${text}"`,
      `${didYouMean(text, about.words)} It is one of ${about.words.join(', ')}`,
    );
  }
  return text;
}

function invalid(message: string, fix: string): NarrowsError {
  return new NarrowsError('where-invalid', message, { path: 'where', fix });
}

/** Whether a row satisfies all conditions. A column that the row does not have counts as without a value. */
export function matches(conditions: readonly Condition[], row: WhereRow): boolean {
  return conditions.every((condition) => satisfies(condition, plainValue(row[condition.column])));
}

function plainValue(value: WhereRow[WhereColumn]): string | number | null {
  if (value === undefined || value === null || (typeof value === 'number' && Number.isNaN(value))) return null;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? hiddenWord(value) : value;
}

/** Whether one value, null where there is none, satisfies a condition on its column. */
export function satisfies(condition: Condition, value: string | number | null): boolean {
  switch (condition.op) {
    case '=':
      return condition.values.includes(value);
    case '!=':
      return !condition.values.includes(value);
    case '<':
      return value !== null && (value as number) < condition.value;
    case '<=':
      return value !== null && (value as number) <= condition.value;
    case '>':
      return value !== null && (value as number) > condition.value;
    case '>=':
      return value !== null && (value as number) >= condition.value;
  }
}
