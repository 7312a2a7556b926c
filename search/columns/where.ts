/**
 * The filter language of the command line, the HTTP API and the pages: conditions joined by commas,
 * such as `method=eca|nnca,k=2,validation>=0.9,outcome!=failed,dropout=none`.
 */
import { didYouMean, NarrowsError } from '../../errors.ts';
import { FILTER_COLUMNS, type FilterColumnName, isNumeric, trialColumn } from './trial-columns.ts';

const ORDERED = ['<=', '>=', '<', '>'] as const;

/**
 * `=`: the value is one of `values` (null: no value); `!=`: it is none of them. The other operators
 * compare numbers; a row without a value never satisfies them.
 */
export type Condition =
  | { readonly column: FilterColumnName; readonly op: '=' | '!='; readonly values: readonly (string | number | null)[] }
  | { readonly column: FilterColumnName; readonly op: (typeof ORDERED)[number]; readonly value: number };

/** Whether a value passes; null: the row has none. */
export type Test = (value: string | number | null) => boolean;

/** Widths of hidden layers as text: [64, 64] -> '64-64'. */
export const formatHidden = (widths: readonly number[]): string => widths.join('-');

/** Each takes a pass over the trials; a range of every column takes fewer. */
const MAX_CONDITIONS = 64;

/** Parses conditions that must all hold; an empty text has none. Throws `where-invalid`. */
export function parseWhere(text: string): Condition[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > MAX_CONDITIONS)
    throw invalid(`${parts.length} conditions are more than ${MAX_CONDITIONS}`, 'write values of one column as k=1|2|3');
  return parts.map(parseCondition);
}

function parseCondition(part: string): Condition {
  const [, name = '', op = '', given = ''] = /^([^=!<>]*?)\s*(!=|<=|>=|=|<|>)\s*(.*)$/s.exec(part) ?? [];
  if (name === '' || given === '') {
    throw invalid(`"${part}" is not a valid condition`, 'write one like method=eca, validation>=0.9 or outcome!=failed');
  }
  const column = FILTER_COLUMNS.find((one) => one === name);
  if (!column) throw invalid(`"${name}" is not a column of trials`, didYouMean(name, FILTER_COLUMNS));
  if (op === '=' || op === '!=')
    return { column, op, values: given.split('|').map((one) => parseValue(column, one.trim(), part)) };
  if (!isNumeric(column))
    throw invalid(`"${part}" is not a valid condition: ${column} is text, which has no order`, `use ${column}= or ${column}!=`);
  const value = parseValue(column, given, part);
  if (typeof value !== 'number')
    throw invalid(`"${part}" is not a valid condition: "none" is not a number`, `use ${column}=none or ${column}!=none`);
  return { column, op: op as (typeof ORDERED)[number], value };
}

function parseValue(column: FilterColumnName, text: string, part: string): string | number | null {
  if (text === '')
    throw invalid(`"${part}" is not a valid condition: a value is empty`, `write "${column}=none" for rows without a value`);
  if (text === 'none') return null;
  if (isNumeric(column)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    const fix = 'write a number, or "none" for rows without a value';
    throw invalid(`"${part}" is not a valid condition: "${text}" is not a number`, fix);
  }
  const about = trialColumn(column);
  if (about.type === 'category' && !about.categories.includes(text)) {
    const fix = `${didYouMean(text, about.categories)} it is one of ${about.categories.join(', ')}`;
    throw invalid(`"${part}" is not a valid condition: "${text}" is not a value of ${column}`, fix);
  }
  return text;
}

const invalid = (message: string, fix: string): NarrowsError =>
  new NarrowsError('where-invalid', message, { path: 'where', fix });

/** Returns the test that a condition puts to a value of its column. */
export function compileCondition(condition: Condition): Test {
  if ('values' in condition) {
    const { op, values } = condition;
    const named = new Set(values);
    return op === '=' ? (value) => named.has(value) : (value) => !named.has(value);
  }
  const { op, value: limit } = condition;
  if (op === '<') return (value) => typeof value === 'number' && value < limit;
  if (op === '<=') return (value) => typeof value === 'number' && value <= limit;
  if (op === '>') return (value) => typeof value === 'number' && value > limit;
  return (value) => typeof value === 'number' && value >= limit;
}
