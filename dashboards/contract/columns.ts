/**
 * Many rows at once, as columns of typed arrays: what charts of 100,000 trials are drawn from, and what a notebook reads with one `frombuffer` per column.
 *
 * Bytes: the length of the header as uint32, the header as JSON, zeros up to a multiple of 8, then each column from its `offset` on (counted from the end of
 * those zeros, a multiple of 8). Everything little-endian. A word that is missing is the type's largest number; a figure that is missing is NaN.
 */
export const COLUMNS_TYPE = 'application/vnd.narrows.columns';

export type ColumnType = 'u8' | 'u16' | 'u32' | 'f32' | 'f64';

export interface ColumnHeader {
  readonly name: string;
  readonly type: ColumnType;
  readonly offset: number;
  /** Of a column of words: number -> word. */
  readonly words?: readonly string[];
  readonly unit?: string;
}

export interface ColumnsHeader {
  readonly rows: number;
  readonly columns: readonly ColumnHeader[];
  /** Whatever else the answer tells, such as the revision it is of. */
  readonly about: Readonly<Record<string, string | number | boolean | null>>;
}

export type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

export interface Column {
  readonly name: string;
  readonly values: ColumnArray;
  readonly words?: readonly string[];
  readonly unit?: string;
}

export interface Columns {
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly about: ColumnsHeader['about'];
}

const ALIGNMENT = 8;
const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const ARRAYS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<ColumnType, new (buffer: ArrayBuffer, offset: number, length: number) => ColumnArray>;

function typeOf(values: ColumnArray): ColumnType {
  if (values instanceof Uint8Array) return 'u8';
  if (values instanceof Uint16Array) return 'u16';
  if (values instanceof Uint32Array) return 'u32';
  return values instanceof Float32Array ? 'f32' : 'f64';
}

/** Throws RangeError where a column has another number of rows. */
export function encodeColumns({ rows, columns, about }: Columns): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const headers = columns.map(({ name, values, words, unit }): ColumnHeader => {
    if (values.length !== rows) throw new RangeError(`column ${name} has ${values.length} rows, not ${rows}`);
    const header = { name, type: typeOf(values), offset, ...(words && { words }), ...(unit !== undefined && { unit }) };
    offset += padded(values.byteLength);
    return header;
  });
  const text = new TextEncoder().encode(JSON.stringify({ rows, columns: headers, about } satisfies ColumnsHeader));
  const start = padded(4 + text.length);
  const bytes = new Uint8Array(start + offset);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  columns.forEach(({ values }, i) => {
    const place = start + (headers[i] as ColumnHeader).offset;
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), place);
  });
  return bytes;
}

/** The columns share the buffer. Throws RangeError where the bytes end too early. */
export function decodeColumns(buffer: ArrayBuffer): Columns {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as ColumnsHeader;
  const start = padded(4 + length);
  const columns = header.columns.map(({ name, type, offset, words, unit }): Column => {
    const values = new ARRAYS[type](buffer, start + offset, header.rows);
    return { name, values, ...(words && { words }), ...(unit !== undefined && { unit }) };
  });
  return { rows: header.rows, columns, about: header.about };
}
