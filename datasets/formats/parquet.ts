/** Parquet tables, read one column of one row group at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, ColumnData, FileMetaData, SchemaElement } from 'hyparquet';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import { release } from '../files/chunks.ts';
import { type TileBuffer, withTileBuffer } from '../files/tiles.ts';
import { type ArrayFormat, type ArrayInput, arrayInvalid, parseReference } from './array-format.ts';
import { formatList, missingNameError, selectColumns } from './column-selection.ts';

export const parquet: ArrayFormat = {
  extensions: ['.parquet'],
  example: 'table.parquet#a,b',
  hasText: true,
  access: 'random',
  open(input) {
    const { reference, member: selection, scratch } = input;
    const read = <T>(use: (table: Table) => AsyncIterable<T> | Iterable<T>) => withTable(input, use);
    return {
      rows: () =>
        read((table) => {
          const chosen = selectNumericColumns(table, selection, reference);
          return withTileBuffer(scratch, (buffer) => readRows(table, chosen, buffer, reference));
        }),
      numbers: () =>
        read(async function* (table) {
          const [column = '', ...others] = selectNumericColumns(table, selection, reference);
          if (others.length > 0) {
            const found = `it has ${1 + others.length} numeric columns; one is needed`;
            throw arrayInvalid(reference, found, 'name it after a #: table.parquet#energy');
          }
          for await (const { from, values } of readColumn(table, column)) {
            yield Float64Array.from({ length: values.length }, (_, i) => numberAt(values, i, from, column, reference));
          }
        }),
      async header() {
        for await (const names of read((table) => [selectNumericColumns(table, selection, reference)])) return names;
        return null;
      },
      column: (name) =>
        read(async function* (table) {
          const names = [...table.kinds.keys()];
          const wanted = name ?? selection ?? (names.length === 1 ? names.join() : 'id');
          if (!names.includes(wanted)) throw missingNameError(reference, 'column', wanted, names);
          for await (const { from, values } of readColumn(table, wanted)) {
            yield Array.from({ length: values.length }, (_, i) => textAt(values, i, from, wanted, reference));
          }
        }),
    };
  },
};

async function* readColumn(table: Table, column: string): AsyncGenerator<Piece> {
  for (const group of table.groups) yield* table.pieces(column, group);
}

/** Writes the columns of a row group one after another to the buffer, and yields its rows. */
async function* readRows(
  table: Table,
  columns: readonly string[],
  buffer: TileBuffer,
  reference: string,
): AsyncGenerator<Matrix> {
  const tiles = columns.map((_, from) => [{ from, length: 1 }]);
  let numbers = new Float32Array(0);
  for (const group of table.groups) {
    for (const column of columns) {
      for await (const { from, values } of table.pieces(column, group)) {
        if (numbers.length < values.length) numbers = new Float32Array(values.length);
        for (let i = 0; i < values.length; i++) numbers[i] = numberAt(values, i, from, column, reference);
        await buffer.add(numbers.subarray(0, values.length));
      }
    }
    yield* buffer.take(group.rows, columns.length, tiles);
  }
  if (table.rows === 0) yield { rows: 0, columns: columns.length, data: new Float32Array(0) };
}

/** Rows stored together in the file. */
interface RowGroup {
  readonly from: number;
  readonly rows: number;
}

/** Consecutive values of a column. */
interface Piece {
  /** Row of the first value. */
  readonly from: number;
  readonly values: ArrayLike<unknown>;
}

interface Table {
  readonly rows: number;
  /** Kind of values by column: `numbers`, or a description of another kind. */
  readonly kinds: ReadonlyMap<string, string>;
  /** All but the index columns of pandas. */
  readonly columns: readonly string[];
  readonly groups: readonly RowGroup[];
  /** Returns the values of a column within a row group, in order. */
  pieces(column: string, group: RowGroup): AsyncGenerator<Piece>;
}

const NUMBERS = 'numbers';

/** Opens the table during `use`. Errors of the library become NarrowsErrors `array-invalid`. */
async function* withTable<T>(
  { path, reference }: ArrayInput,
  use: (table: Table) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const { file: name } = parseReference(reference);
  await using handle = await open(path);
  try {
    /** Buffers read for the current column. */
    const read: ArrayBuffer[] = [];
    const buffer = await openBuffer(handle, read);
    const metadata = await parquetMetadataAsync(buffer);
    const top = parquetSchema(metadata).children;
    const rows = Number(metadata.num_rows);
    const groups: RowGroup[] = [];
    let counted = 0;
    for (const group of metadata.row_groups) {
      groups.push({ from: counted, rows: Number(group.num_rows) });
      counted += Number(group.num_rows);
    }
    if (counted !== rows) throw new Error('its row groups do not add up to its rows');
    const index = pandasIndex(metadata);
    const kinds = new Map(
      top.map(({ element, children }) => [element.name, children.length > 0 ? nestedKind(element) : valueKind(element)]),
    );
    yield* use({
      rows,
      kinds,
      columns: [...kinds.keys()].filter((column) => !index.includes(column)),
      groups,
      async *pieces(column, { from, rows }) {
        read.length = 0;
        const chunks: ColumnData[] = [];
        const range = { columns: [column], rowStart: from, rowEnd: from + rows };
        await parquetRead({ file: buffer, metadata, ...range, compressors, onChunk: (chunk) => chunks.push(chunk) });
        const found = chunks.reduce((sum, { columnData }) => sum + columnData.length, 0);
        if (found !== rows) throw new Error(`column "${column}" has ${found} values in a group of ${rows} rows`);
        for (const { rowStart, columnData } of chunks) yield { from: rowStart, values: columnData };
        for (const bytes of read) release(bytes);
      },
    });
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    throw arrayInvalid(name, `it is not a valid Parquet file (${(error as Error).message})`);
  }
}

/** Adapts a file to the library; every buffer that is read is also added to `buffers`. */
async function openBuffer(handle: FileHandle, buffers: ArrayBuffer[]): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    // A corrupt file must not cause a huge allocation.
    if (!(start >= 0 && start <= end && end <= size)) throw new Error(`bytes ${start} to ${end} of ${size} are missing`);
    const bytes = new Uint8Array(end - start);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new Error(`it ends at byte ${start + done} of ${size}`);
      done += bytesRead;
    }
    buffers.push(bytes.buffer);
    return bytes.buffer;
  };
  return {
    byteLength: size,
    slice(start, end = size) {
      const part = read(start, end);
      // hyparquet reads ahead and may fail on one part before it awaits another.
      part.catch(() => {});
      return part;
    },
  };
}

function selectNumericColumns({ kinds, columns }: Table, selection: string | undefined, reference: string): string[] {
  if (selection === undefined) {
    const numbers = columns.filter((column) => kinds.get(column) === NUMBERS);
    if (numbers.length > 0) return numbers;
    throw arrayInvalid(reference, `none of its columns is numeric: ${formatList(columns)}`);
  }
  const names = [...kinds.keys()];
  const chosen = selectColumns(names, selection, reference).map((column) => names[column] ?? '');
  const other = chosen.find((column) => kinds.get(column) !== NUMBERS);
  if (other === undefined) return chosen;
  throw arrayInvalid(reference, `its column "${other}" contains ${kinds.get(other)}`, 'select columns of floats or integers');
}

function valueKind({ type, logical_type, converted_type, repetition_type }: SchemaElement): string {
  if (repetition_type === 'REPEATED') return 'lists';
  const logical = logical_type?.type ?? converted_type ?? type ?? 'nothing';
  if (/^(FLOAT|DOUBLE|FLOAT16|DECIMAL|INTEGER|INT32|INT64|U?INT_\d+)$/.test(logical)) return NUMBERS;
  if (/^(STRING|UTF8|ENUM|BYTE_ARRAY)$/.test(logical)) return 'text';
  return `values of the type ${logical}`;
}

const nestedKind = ({ logical_type, converted_type }: SchemaElement) =>
  (logical_type?.type ?? converted_type) === 'LIST' ? 'lists' : 'records';

/** Returns the columns in which pandas stores the index of a data frame. */
function pandasIndex({ key_value_metadata }: FileMetaData): readonly unknown[] {
  const about = key_value_metadata?.find(({ key }) => key === 'pandas')?.value;
  const index = about === undefined ? [] : (JSON.parse(about) as { index_columns?: unknown }).index_columns;
  return Array.isArray(index) ? index : [];
}

function numberAt(values: ArrayLike<unknown>, i: number, from: number, column: string, reference: string): number {
  const value = values[i];
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const fix = 'remove the row from every array, or fill in the value';
  throw arrayInvalid(reference, `row ${from + i}, column "${column}" is empty`, fix);
}

function textAt(values: ArrayLike<unknown>, i: number, from: number, column: string, reference: string): string {
  const value = values[i];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  const what = value === null || value === undefined ? 'is empty' : 'is neither text nor a number';
  throw arrayInvalid(reference, `row ${from + i}, column "${column}" ${what}`);
}
