/**
 * Compares the filter over arrays, the filter in SQL and a literal reading of the language on every
 * row, including rows with missing values.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { whereSql } from '../../../../db/queries/trials/where.ts';
import { stream } from '../../../../models/random.ts';
import { type ColumnData, encodeText, narrow, rowsOf } from '../../../../search/columns/column.ts';
import { FILTER_COLUMNS, type FilterColumnName, isNumeric, trialColumn } from '../../../../search/columns/trial-columns.ts';
import { compileCondition, formatHidden, parseWhere } from '../../../../search/columns/where.ts';
import { migratedDatabase } from '../../database.ts';

const ROWS = 120;
const FILTERS = 400;
const { uniform } = stream(11, 'where');
const pick = <T>(values: readonly T[]): T => values[Math.floor(uniform() * values.length)] as T;
const sometimes = <T>(value: T): T | null => (uniform() < 0.15 ? null : value);

/** Few distinct values, so that conditions match some of them. */
const VALUES = {
  hidden: [[64, 64], [64], [128, 64, 32]],
  text: ['kernel', 's1-3', 's1-4'],
  number: [0, 0.1, 0.25, 1, 2, 3, 1e-4, -0.5, 1e9],
  integer: [0, 1, 2, 3, 40],
} as const;

type Row = Readonly<Record<FilterColumnName, unknown>>;

function drawValue(name: FilterColumnName, index: number): unknown {
  if (name === 'index') return index;
  if (name === 'trial') return `s1-${index}`;
  const column = trialColumn(name);
  if (column.type === 'category') return sometimes(pick(column.categories));
  if (column.type === 'text') return sometimes(pick<unknown>(name === 'hidden' ? VALUES.hidden : VALUES.text));
  return sometimes(pick(column.type === 'integer' ? VALUES.integer : VALUES.number));
}

const drawRow = (index: number) => Object.fromEntries(FILTER_COLUMNS.map((name) => [name, drawValue(name, index)])) as Row;

/** Returns the value that the filter compares; null where it is missing. */
function plain(row: Row, name: FilterColumnName): string | number | null {
  const value = row[name];
  if (Array.isArray(value)) return formatHidden(value);
  if (name === 'start' && value === null) return 'scratch';
  return value as string | number | null;
}

/** Columns by their SQL: `t.name` of the table, or `t.configuration ->> 'key'`. */
function storedRow(row: Row) {
  const stored: Record<string, unknown> = {};
  const configuration: Record<string, unknown> = {};
  for (const name of FILTER_COLUMNS) {
    const { sql } = trialColumn(name);
    const [, column] = /^t\.(\w+)$/.exec(sql) ?? [];
    const [, key = name] = /^t\.configuration ->> '(\w+)'$/.exec(sql) ?? [];
    if (column) stored[column] = row[name];
    else configuration[key] = name === 'layerNorm' && row[name] !== null ? row[name] === 'true' : row[name];
  }
  return { ...stored, configuration };
}

function columnOf(rows: readonly Row[], name: FilterColumnName): ColumnData {
  const values = rows.map((row) => plain(row, name));
  if (!isNumeric(name)) return encodeText(values.map((value) => (value === null ? '' : String(value))));
  // Integers as the server stores them, with the largest number for a missing one.
  if (name === 'rung') return { values: Uint8Array.from(values, (value) => Number(value ?? 0xff)), categories: null };
  if (name === 'epochs') return { values: Uint32Array.from(values, (value) => Number(value ?? 0xffffffff)), categories: null };
  return { values: Float64Array.from(values, (value) => Number(value ?? Number.NaN)), categories: null };
}

interface Part {
  readonly name: FilterColumnName;
  readonly op: string;
  readonly values: readonly string[];
}

function drawPart(rows: readonly Row[]): Part {
  const name = pick(FILTER_COLUMNS);
  const value = () => {
    const own = plain(pick(rows), name);
    return own === null ? 'none' : String(own);
  };
  const op = pick(isNumeric(name) ? ['=', '!=', '<', '<=', '>', '>='] : ['=', '!=']);
  if (op === '=' || op === '!=') return { name, op, values: Array.from({ length: 1 + Math.floor(uniform() * 3) }, value) };
  const only = value();
  return { name, op, values: [only === 'none' ? '1' : only] };
}

/** Evaluates the filter literally, value by value. */
function satisfies({ op, values }: Part, own: string | number | null): boolean {
  const isEqual = values.some((value) => (value === 'none' ? own === null : own !== null && String(own) === value));
  if (op === '=') return isEqual;
  if (op === '!=') return !isEqual;
  if (own === null) return false;
  const [a, b] = [own as number, Number(values[0])];
  return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
}

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

test('random filters select the same rows from arrays, in SQL and when read literally', async () => {
  const rows = Array.from({ length: ROWS }, (_, index) => drawRow(index));
  const columns = new Map(FILTER_COLUMNS.map((name) => [name, columnOf(rows, name)]));
  const { sql } = db;
  const stored = sql.json(rows.map(storedRow) as never);
  let selected = 0;
  for (let i = 0; i < FILTERS; i++) {
    const parts = Array.from({ length: 1 + Math.floor(uniform() * 2) }, () => drawPart(rows));
    const text = parts.map(({ name, op, values }) => `${name}${op}${values.join('|')}`).join(',');
    const conditions = parseWhere(text);
    const mask = new Uint8Array(ROWS).fill(1);
    for (const condition of conditions) narrow(mask, columns.get(condition.column) as ColumnData, compileCondition(condition));
    const literal = rows.flatMap((row, index) => (parts.every((part) => satisfies(part, plain(row, part.name))) ? [index] : []));
    const found = await sql<{ index: number }[]>`
      select t.index from jsonb_populate_recordset(null::trials, ${stored}) as t where true ${whereSql(sql, conditions)}
      order by t.index`;
    assert.deepEqual(Array.from(rowsOf(mask)), literal, `arrays: ${text}`);
    assert.deepEqual(
      found.map(({ index }) => index),
      literal,
      `SQL: ${text}`,
    );
    selected += literal.length;
  }
  const share = selected / (FILTERS * ROWS);
  assert.ok(share > 0.1 && share < 0.9, `filters that select nothing or everything prove nothing: ${share}`);
});
