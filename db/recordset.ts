/** Inserts of many rows that pass all of them as one JSON parameter. */
import type { Queryable } from './client.ts';
import type * as schema from './schema.ts';

type Schema = typeof schema;
type Tables = { readonly [Key in keyof Schema as Schema[Key]['_']['name']]: Schema[Key]['_']['columns'] };
type ColumnOf<Columns> = {
  [Key in keyof Columns]: Columns[Key] extends { _: { name: infer Name } } ? Name : never;
}[keyof Columns];

/** Returns rows, by names of a table's columns, as a table expression; absent columns are null. */
export const recordset = <Name extends keyof Tables, Row extends object>(
  sql: Queryable,
  table: Name,
  rows: readonly (Row & Readonly<Record<Exclude<keyof Row, ColumnOf<Tables[Name]>>, never>>)[],
) => sql`jsonb_populate_recordset(null::${sql.unsafe(table)}, ${sql.json(rows as never)})`;
