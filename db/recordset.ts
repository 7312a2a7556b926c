/** Inserts of many rows that pass all of them as one JSON parameter. */
import type { Queryable } from './client.ts';

/** Postgres types of columns, by name. */
type ColumnTypes = Readonly<Record<string, string>>;

/** Returns the list of columns of an insert. */
export const columnNames = (sql: Queryable, types: ColumnTypes) => sql.unsafe(Object.keys(types).join(', '));

/** Returns the rows as a table expression `row` with columns in the order and types of `types`. */
export function recordset<Types extends ColumnTypes>(
  sql: Queryable,
  types: Types,
  rows: readonly { readonly [Column in keyof Types]: unknown }[],
) {
  const columns = Object.entries(types).map(([name, type]) => `${name} ${type}`);
  return sql`jsonb_to_recordset(${sql.json(rows as never)}) as row (${sql.unsafe(columns.join(', '))})`;
}
