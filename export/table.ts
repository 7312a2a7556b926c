/** Tables written to files: columns with names and types, rows in batches. */

/** `integer` is at most 2^53; `moment` is ISO 8601 in UTC with microseconds. */
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

/** Returns columns of properties of a record, in the order given, named in snake_case. */
export function propertyColumns<Record>(
  types: { readonly [Name in keyof Record as Record[Name] extends Cell ? Name : never]?: CellType },
): ColumnOf<Record>[] {
  return Object.entries<CellType>(types as { [name: string]: CellType }).map(([property, type]) => ({
    name: property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    type,
    value: (record) => record[property as keyof Record] as Cell,
  }));
}
