/** Parquet tables, read one column of one row group at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, ColumnData, ColumnMetaData, FileMetaData, SchemaTree } from 'hyparquet';
import { NarrowsError } from '../../errors.ts';
import { release, type SourceRows } from '../files/chunks.ts';
import { type Tile, type TileBuffer, withTileBuffer } from '../files/tiles.ts';
import { type ArrayInput, type ArrayReader, arrayInvalid } from './array-format.ts';
import { formatList, missingNameError, selectColumns } from './column-selection.ts';
import { rangeOf, requirePages } from './parquet-pages.ts';

export const parquet: ArrayReader = {
  open(input) {
    const { reference, member: selection, scratch } = input;
    const read = <T>(use: (table: Table) => AsyncIterable<T> | Iterable<T>) => withTable(input, use);
    return {
      rows: () =>
        read((table) => {
          const chosen = selectNumericColumns(table, selection, reference);
          const isNarrow = chosen.every((column) => table.kinds.get(column)?.isNarrow);
          const precision = isNarrow ? Float32Array : Float64Array;
          return withTileBuffer(scratch, precision, (buffer) => readRows(table, chosen, new precision(0), buffer, reference));
        }),
      numbers: () =>
        read(async function* (table) {
          const [column = '', ...others] = selectNumericColumns(table, selection, reference);
          if (others.length > 0) {
            const found = `it has ${1 + others.length} numeric columns; one is needed`;
            throw arrayInvalid(reference, found, 'name it after a #: table.parquet#energy');
          }
          if (table.kinds.get(column)?.values === LISTS) return yield await readGrid(table, column, reference);
          for await (const { from, values } of readColumn(table, column)) {
            yield Float64Array.from({ length: values.length }, (_, i) => numberAt(values[i], from + i, column, reference));
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

/** Returns the list that every row of a column has, such as the energies of each spectrum. */
async function readGrid(table: Table, column: string, reference: string): Promise<number[]> {
  let grid: readonly unknown[] = [];
  for await (const { from, values } of readColumn(table, column)) {
    for (let i = 0; i < values.length; i++) {
      const list = listAt(values[i], from + i, column, reference);
      if (from + i === 0) grid = list;
      else if (list.length !== grid.length || list.some((value, at) => value !== grid[at])) {
        const fix = 'bring all rows onto one grid, or name a file with the energies';
        throw arrayInvalid(reference, `column "${column}" has another list in row ${from + i} than in row 0`, fix);
      }
    }
  }
  return grid.map((value) => numberAt(value, 0, column, reference));
}

/** Writes the columns of a row group one after another to the buffer, and yields its rows. */
async function* readRows(
  table: Table,
  columns: readonly string[],
  numbers: SourceRows['data'],
  buffer: TileBuffer,
  reference: string,
): AsyncGenerator<SourceRows> {
  /** Values in each row of a column: the length of its first list. */
  const widths: number[] = columns.map((column) => (table.kinds.get(column)?.values === LISTS ? 0 : 1));
  for (const group of table.groups) {
    for (const [at, column] of columns.entries()) {
      for await (const { from, values } of table.pieces(column, group)) {
        if (widths[at] === 0) widths[at] = listAt(values[0], from, column, reference).length;
        const width = widths[at] ?? 1;
        const length = values.length * width;
        if (numbers.length < length) numbers = new (numbers.constructor as Float64ArrayConstructor)(length);
        if (table.kinds.get(column)?.values === LISTS) fillLists(values, from, width, column, numbers, reference);
        else for (let i = 0; i < length; i++) numbers[i] = numberAt(values[i], from + i, column, reference);
        await buffer.add(numbers.subarray(0, length));
      }
    }
    let from = 0;
    const tiles: Tile[] = [];
    for (const length of widths) {
      tiles.push([{ from, length }]);
      from += length;
    }
    yield* buffer.take(group.rows, from, tiles);
  }
  if (table.rows === 0) yield { rows: 0, columns: columns.length, data: new Float32Array(0) };
}

/** Fills `numbers` with lists of the same length, one after another. */
function fillLists(
  values: ArrayLike<unknown>,
  from: number,
  width: number,
  column: string,
  numbers: SourceRows['data'],
  reference: string,
): void {
  if (width === 0) throw arrayInvalid(reference, `row ${from}, column "${column}" is an empty list`);
  for (let i = 0; i < values.length; i++) {
    const list = listAt(values[i], from + i, column, reference);
    if (list.length !== width) {
      const found = `row ${from + i}, column "${column}" has ${list.length} values, row 0 has ${width}`;
      throw arrayInvalid(reference, found, 'make all lists of the column equally long, such as spectra on one grid');
    }
    for (let at = 0; at < width; at++) numbers[i * width + at] = numberAt(list[at], from + i, column, reference);
  }
}

/** Rows stored together in the file. */
interface RowGroup {
  readonly index: number;
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
  readonly kinds: ReadonlyMap<string, ColumnKind>;
  /** All but index columns. */
  readonly columns: readonly string[];
  readonly groups: readonly RowGroup[];
  /** Returns the values of a column within a row group, in order. */
  pieces(column: string, group: RowGroup): AsyncGenerator<Piece>;
}

interface ColumnKind {
  /** `numbers`, `flags`, `lists of numbers`, or a description of another kind. */
  readonly values: string;
  /** Whether float32 holds every value. */
  readonly isNarrow: boolean;
}

const NUMBERS = 'numbers';
const FLAGS = 'flags';
const LISTS = 'lists of numbers';

/** Opens the table during `use`. Errors of the library become NarrowsErrors `array-invalid`. */
async function* withTable<T>(
  { path, file: name }: ArrayInput,
  use: (table: Table) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const { parquetHeader } = await import('hyparquet/src/column.js');
  const { compressors } = await import('hyparquet-compressors');
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
    for (const [index, group] of metadata.row_groups.entries()) {
      groups.push({ index, from: counted, rows: Number(group.num_rows) });
      counted += Number(group.num_rows);
    }
    if (counted !== rows) throw new Error('its row groups do not add up to its rows');
    const index = pandasIndex(metadata);
    const kinds = new Map(top.map((column) => [column.element.name, kindOf(column)]));
    yield* use({
      rows,
      kinds,
      columns: [...kinds.keys()].filter((column) => !index.includes(column) && !INDEX_COLUMN.test(column)),
      groups,
      async *pieces(column, { index, from, rows }) {
        read.length = 0;
        const file = await readChecked(buffer, columnsOf(metadata, index, column), parquetHeader);
        const chunks: ColumnData[] = [];
        const range = { columns: [column], rowStart: from, rowEnd: from + rows };
        await parquetRead({ file, metadata, ...range, compressors, onChunk: (chunk) => chunks.push(chunk) });
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

const columnsOf = ({ row_groups }: FileMetaData, group: number, column: string): ColumnMetaData[] =>
  (row_groups[group]?.columns ?? []).flatMap(({ meta_data }) => (meta_data?.path_in_schema[0] === column ? [meta_data] : []));

/** Reads these columns of a row group and checks their pages; returns the file that has them. */
async function readChecked(
  file: AsyncBuffer,
  columns: readonly ColumnMetaData[],
  readHeader: Parameters<typeof requirePages>[2],
): Promise<AsyncBuffer> {
  const held = new Map<string, ArrayBuffer>();
  for (const column of columns) {
    const [from, to] = rangeOf(column);
    const bytes = await file.slice(from, to);
    requirePages(bytes, column, readHeader);
    held.set(`${from} ${to}`, bytes);
  }
  return { byteLength: file.byteLength, slice: (from, to) => held.get(`${from} ${to}`) ?? file.slice(from, to) };
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

/** Without a selection: all columns of numbers, or the only one of lists. */
function selectNumericColumns({ kinds, columns }: Table, selection: string | undefined, reference: string): string[] {
  if (selection === undefined) {
    const numbers = columns.filter((column) => kinds.get(column)?.values === NUMBERS);
    const lists = columns.filter((column) => kinds.get(column)?.values === LISTS);
    if (numbers.length > 0) return numbers;
    if (lists.length === 1) return lists;
    throw arrayInvalid(reference, `none of its columns is numeric: ${formatList(columns)}`);
  }
  const names = [...kinds.keys()];
  const chosen = selectColumns(names, selection, reference).map((column) => names[column] ?? '');
  const other = chosen.find((column) => ![NUMBERS, FLAGS, LISTS].includes(kinds.get(column)?.values ?? ''));
  if (other === undefined) return chosen;
  const fix = 'select columns of floats, integers, booleans, or lists of them';
  throw arrayInvalid(reference, `its column "${other}" contains ${kinds.get(other)?.values}`, fix);
}

function kindOf({ element, children: [child, ...others] }: Pick<SchemaTree, 'element' | 'children'>): ColumnKind {
  if (element.repetition_type === 'REPEATED' || (element.logical_type?.type ?? element.converted_type) === 'LIST') {
    // A list contains a repeated group of one element; old writers repeat the element itself.
    const item = child?.children[0] ?? child ?? { element, children: [] };
    const { values, isNarrow } = kindOf({ ...item, element: { ...item.element, repetition_type: 'REQUIRED' } });
    return { values: [NUMBERS, FLAGS, LISTS].includes(values) ? LISTS : 'lists', isNarrow };
  }
  if (child !== undefined || others.length > 0) return { values: 'records', isNarrow: false };
  const { type, logical_type, converted_type } = element;
  const logical = logical_type?.type ?? converted_type ?? type ?? 'nothing';
  const isNarrow = /^(FLOAT|FLOAT16|BOOLEAN)$/.test(logical);
  if (/^(FLOAT|DOUBLE|FLOAT16|DECIMAL|INTEGER|INT32|INT64|U?INT_\d+)$/.test(logical)) return { values: NUMBERS, isNarrow };
  if (logical === 'BOOLEAN') return { values: FLAGS, isNarrow };
  if (/^(STRING|UTF8|ENUM|BYTE_ARRAY)$/.test(logical)) return { values: 'text', isNarrow };
  return { values: `values of the type ${logical}`, isNarrow };
}

/** Names under which pandas, Spark and dask store the index of a table that they convert. */
const INDEX_COLUMN = /^(__index_level_\d+__|__null_dask_index__|Unnamed: \d+)$/;

/** Returns the columns in which pandas stores the index of a data frame. */
function pandasIndex({ key_value_metadata }: FileMetaData): readonly unknown[] {
  const about = key_value_metadata?.find(({ key }) => key === 'pandas')?.value;
  const index = about === undefined ? [] : (JSON.parse(about) as { index_columns?: unknown }).index_columns;
  return Array.isArray(index) ? index : [];
}

function numberAt(value: unknown, row: number, column: string, reference: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  const fix = 'remove the row from every array, or fill in the value';
  throw arrayInvalid(reference, `row ${row}, column "${column}" is empty`, fix);
}

/** Returns the values of a list, those of lists within it one after another. */
function listAt(value: unknown, row: number, column: string, reference: string): readonly unknown[] {
  if (!Array.isArray(value)) return [numberAt(value, row, column, reference)];
  return Array.isArray(value[0]) ? value.flat(Number.POSITIVE_INFINITY) : value;
}

function textAt(values: ArrayLike<unknown>, i: number, from: number, column: string, reference: string): string {
  const value = values[i];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  const what = value === null || value === undefined ? 'is empty' : 'is neither text nor a number';
  throw arrayInvalid(reference, `row ${from + i}, column "${column}" ${what}`);
}
