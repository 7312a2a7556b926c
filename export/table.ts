/** Tables written to files: columns with names and types, rows in batches. */

/**
 * Type of a column's values. `integer` goes up to 2^53; `moment` is ISO 8601 in UTC with six
 * decimals of the second.
 */
export type CellType = 'text' | 'integer' | 'boolean' | 'float32' | 'float64' | 'moment';

export type Cell = string | number | boolean | null;

/** Cells in the order of the columns. */
export type Row = readonly Cell[];

export interface Column {
  /** snake_case, as in SQL. */
  readonly name: string;
  readonly type: CellType;
}

/** A column that is computed from a record. */
export interface ColumnOf<Record> extends Column {
  readonly value: (record: Record) => Cell;
}

/** Encodes rows as the bytes of a file, piece by piece; `finish` returns the last piece. */
export interface TableWriter {
  write(rows: readonly Row[]): Uint8Array;
  finish(): Uint8Array;
}

export function rowOf<Record>(columns: readonly ColumnOf<Record>[], record: Record): Row {
  return columns.map(({ value }) => value(record));
}
