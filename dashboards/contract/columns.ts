/**
 * Many rows at once, as columns of typed arrays: charts of 100,000 trials are drawn from them, and
 * a notebook reads each with one `frombuffer`.
 *
 * Bytes: the length of the header as uint32, the header as JSON, zeros up to a multiple of 8, then
 * each column from its `offset` on, which is counted from the end of those zeros and a multiple of
 * 8. Everything is little-endian. The largest number of an integer type means that there is no
 * value, as NaN does in a column of floats.
 */
import { COLUMN_ARRAYS, type ColumnArray, type ColumnData } from '../../search/columns/column.ts';
import type { WireType } from '../../search/columns/trial-columns.ts';

export const COLUMNS_TYPE = 'application/vnd.narrows.columns';

interface ColumnHeader {
  readonly name: string;
  readonly type: WireType;
  readonly offset: number;
  /** Categories by number; left out for a column of numbers. */
  readonly words?: readonly string[] | undefined;
  readonly unit?: string | undefined;
}

export interface Column extends Pick<ColumnData, 'values'>, Partial<Pick<ColumnData, 'categories'>> {
  readonly name: string;
  readonly unit?: string;
}

export interface Columns {
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Facts about the answer as a whole, such as its revision. */
  readonly about: Readonly<Record<string, string | number | boolean | null>>;
}

type ColumnsHeader = Omit<Columns, 'columns'> & { readonly columns: readonly ColumnHeader[] };

const ALIGNMENT = 8;
const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const WIRE_TYPES = Object.keys(COLUMN_ARRAYS) as WireType[];
const typeOf = (values: ColumnArray) => WIRE_TYPES.find((type) => values instanceof COLUMN_ARRAYS[type]) as WireType;

/** Throws RangeError when a column has another number of rows. */
export function encodeColumns({ rows, columns, about }: Columns): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const headers = columns.map(({ name, values, categories, unit }): ColumnHeader => {
    if (values.length !== rows) throw new RangeError(`column ${name} has ${values.length} rows, not ${rows}`);
    const header = { name, type: typeOf(values), offset, words: categories ?? undefined, unit };
    offset += padded(values.byteLength);
    return header;
  });
  const text = new TextEncoder().encode(JSON.stringify({ rows, columns: headers, about } satisfies ColumnsHeader));
  const start = padded(4 + text.length);
  const bytes = new Uint8Array(start + offset);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  for (const [i, { values }] of columns.entries()) {
    const { offset: from } = headers[i] as ColumnHeader;
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start + from);
  }
  return bytes;
}

/** The columns share the buffer. Throws RangeError when the bytes end too early. */
export function decodeColumns(buffer: ArrayBuffer): Columns {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as ColumnsHeader;
  const start = padded(4 + length);
  const columns = header.columns.map(({ name, type, offset, words, unit }): Column => {
    const values = new COLUMN_ARRAYS[type](buffer, start + offset, header.rows);
    return { name, values, ...(words && { categories: words }), ...(unit !== undefined && { unit }) };
  });
  return { rows: header.rows, columns, about: header.about };
}
