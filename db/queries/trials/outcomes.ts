/** Outcomes of a sweep's trials as columns: 100,000 rows take a few bytes each, not objects. */
import { type ColumnData, encodeText } from '../../../search/columns/column.ts';
import { OUTCOME_COLUMNS, type OutcomeColumnName, type TrialColumn, trialColumn } from '../../../search/columns/trial-columns.ts';
import type { Queryable } from '../../client.ts';
import { float8, int2, int4 } from './binary.ts';
import { writtenAfter } from './written-rows.ts';

/** One entry per trial that was written after the revision, by rising number of the trial. */
export interface OutcomeColumns {
  readonly rows: number;
  /** Highest among the rows; 0 without any. Every row up to it has been read, now or before. */
  readonly revision: number;
  readonly index: Uint32Array;
  readonly revisions: Float64Array;
  readonly columns: Readonly<Record<OutcomeColumnName, ColumnData>>;
}

/** `since` -1: every trial that has a row. One statement, hence one state of the sweep. */
export async function outcomesSince(sql: Queryable, sweepId: string, since: number): Promise<OutcomeColumns> {
  const aggregates = OUTCOME_COLUMNS.map((name) => sql`${aggregate(sql, trialColumn(name))} as ${sql(name)}`);
  const [sent] = await sql<[Record<string, Buffer | readonly string[] | number | null>]>`
    select count(*)::int as rows, coalesce(max(t.revision), 0)::float8 as revision,
           string_agg(int4send(t.index), null) as index, string_agg(float8send(t.revision::float8), null) as revisions,
           ${aggregates.reduce((a, b) => sql`${a}, ${b}`)}
    from (${writtenAfter(sql, sweepId, since)}
      order by t.index
    ) as t`;
  const columns = OUTCOME_COLUMNS.map((name) => [
    name,
    columnOf(trialColumn(name), sent[name] as Buffer | readonly string[] | null),
  ]);
  return {
    rows: sent.rows as number,
    revision: sent.revision as number,
    index: Uint32Array.from(int4(sent.index as Buffer | null)),
    revisions: float8(sent.revisions as Buffer | null),
    columns: Object.fromEntries(columns) as OutcomeColumns['columns'],
  };
}

/** The type in which values are sent: -1 for null in an integer, NaN in a double. */
function sentType(column: TrialColumn): 'int2' | 'int4' | 'float8' {
  if (column.type === 'category') return 'int2';
  const wire = column.source === 'outcome' ? column.wire : null;
  return wire === 'u8' ? 'int2' : wire === 'u16' || wire === 'u32' ? 'int4' : 'float8';
}

function aggregate(sql: Queryable, column: TrialColumn) {
  const value = sql.unsafe(`(${column.sql})`);
  if (column.type === 'text') return sql`json_agg(coalesce(${value}, ''))`;
  const type = sentType(column);
  if (type === 'float8') return sql`string_agg(float8send(coalesce(${value}::float8, 'NaN')), null)`;
  const integer = column.type === 'category' ? sql`array_position(${[...column.categories]}::text[], ${value}) - 1` : value;
  return sql`string_agg(${sql.unsafe(type)}send(coalesce(${integer}, -1)::${sql.unsafe(type)}), null)`;
}

/** -1 becomes the largest number of an unsigned type, which means that there is no value. */
function columnOf(column: TrialColumn, sent: Buffer | readonly string[] | null): ColumnData {
  if (column.type === 'text') return encodeText((sent ?? []) as readonly string[]);
  const categories = column.type === 'category' ? column.categories : null;
  const bytes = sent as Buffer | null;
  switch (sentType(column)) {
    case 'int2':
      return { values: Uint8Array.from(int2(bytes)), categories };
    case 'int4':
      return { values: Uint32Array.from(int4(bytes)), categories };
    case 'float8':
      return { values: float8(bytes), categories };
  }
}
