/** Tables as Parquet: one row group after the other, so that no more than one is in memory. */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Cell, CellType, Column, Row, TableWriter } from './table.ts';

/** Large enough to be read fast, small enough for any machine. */
const GROUP_ROWS = 65_536;

const TYPES: Readonly<Record<CellType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  moment: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

/** `createdBy`: the writer named in the file. */
export function parquetWriter(columns: readonly Column[], createdBy: string): TableWriter {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...TYPES[type] })),
    ],
    createdBy,
  });
  let waiting: Row[] = [];
  const writeGroup = (rows: readonly Row[]) => {
    const columnData = columns.map(({ name, type }, i) => ({
      name,
      data: rows.map((row) => encodeCell(type, row[i] ?? null)),
      offsetIndex: false,
      // A dictionary of floats would take -0 and 0 for the same value.
      ...(type.startsWith('float') && { encoding: 'PLAIN' as const }),
    }));
    parquet.write({ columnData, rowGroupSize: rows.length });
  };
  /** Returns the bytes written since the last call; offsets in the file continue. */
  const drain = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  return {
    write(rows) {
      for (const row of rows) {
        waiting.push(row);
        if (waiting.length < GROUP_ROWS) continue;
        writeGroup(waiting);
        waiting = [];
      }
      return drain();
    },
    finish() {
      if (waiting.length > 0) writeGroup(waiting);
      parquet.finish();
      return drain();
    },
  };
}

function encodeCell(type: CellType, cell: Cell): string | number | boolean | bigint | null {
  if (cell === null) return null;
  if (type === 'integer') return BigInt(cell);
  return type === 'moment' ? parseMicroseconds(cell as string) : cell;
}

/** '2026-01-31T14:05:06.123456Z' -> microseconds since 1970. */
function parseMicroseconds(moment: string): bigint {
  const [, whole, fraction] = /^(.{19})\.(\d{6})Z$/.exec(moment) ?? [];
  if (whole === undefined || fraction === undefined) throw new RangeError(`not a valid moment: "${moment}"`);
  return BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(fraction);
}
