/** Parquet by reference: `table.parquet#a,b`, `table.parquet#e_*`, or all columns of numbers; read one column of one row group at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, ColumnData, FileMetaData, SchemaElement } from 'hyparquet';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Scratch } from '../files/scratch.ts';
import { type TileBuffer, withTileBuffer } from '../files/tiles.ts';
import { type ArraySource, concatenate, release } from './array-source.ts';
import { formatList, missingNameError, selectColumns } from './column-selection.ts';
import { arrayInvalid } from './npy.ts';

/** `file` is where it lies, `selection` what stands behind the `#`; `reference` is what errors call it. */
export function openParquet(file: string, reference: string, selection: string | undefined, scratch: Scratch): ArraySource {
  const read = <T>(use: (table: Table) => AsyncIterable<T> | Iterable<T>) => withTable(file, reference, use);
  const matrix = () =>
    read((table) => {
      const chosen = chooseNumbers(table, selection, reference);
      return withTileBuffer(scratch, (bands) => rowsOf(table, chosen, bands, reference));
    });
  return {
    matrix,
    rows: matrix,
    async numbers() {
      const pieces = read(async function* (table) {
        const chosen = chooseNumbers(table, selection, reference);
        if (chosen.length !== 1) {
          throw arrayInvalid(
            reference,
            `it has ${chosen.length} columns of numbers; one is needed`,
            'name it behind a #: table.parquet#energy',
          );
        }
        const column = chosen[0] as string;
        for (const group of table.groups) {
          for await (const { from, values } of table.pieces(column, group)) {
            yield Float64Array.from({ length: values.length }, (_, i) => numberAt(values, i, from, column, reference));
          }
        }
      });
      return concatenate(pieces);
    },
    async header() {
      for await (const names of read((table) => [chooseNumbers(table, selection, reference)])) return names;
      return null;
    },
    column: (name) =>
      read(async function* (table) {
        const names = [...table.kinds.keys()];
        const wanted = name ?? selection ?? (names.length === 1 ? (names[0] as string) : 'id');
        if (!names.includes(wanted)) throw missingNameError(reference, 'column', wanted, names);
        for (const group of table.groups) {
          for await (const { from, values } of table.pieces(wanted, group)) {
            yield Array.from({ length: values.length }, (_, i) => textAt(values, i, from, wanted, reference));
          }
        }
      }),
  };
}

/** A row group's columns, one after another, and then its rows. */
async function* rowsOf(table: Table, columns: readonly string[], bands: TileBuffer, reference: string): AsyncGenerator<Matrix> {
  const tiles = columns.map((_, from) => [{ from, length: 1 }]);
  let numbers = new Float32Array(0);
  for (const group of table.groups) {
    for (const column of columns) {
      for await (const { from, values } of table.pieces(column, group)) {
        if (numbers.length < values.length) numbers = new Float32Array(values.length);
        for (let i = 0; i < values.length; i++) numbers[i] = numberAt(values, i, from, column, reference);
        await bands.add(numbers.subarray(0, values.length));
      }
    }
    yield* bands.take(group.rows, columns.length, tiles);
  }
  if (table.rows === 0) yield { rows: 0, columns: columns.length, data: new Float32Array(0) };
}

/** Rows that lie together in the file. */
interface RowGroup {
  readonly from: number;
  readonly rows: number;
}

/** Some values of a column. */
interface Piece {
  /** The first of its rows. */
  readonly from: number;
  readonly values: ArrayLike<unknown>;
}

interface Table {
  readonly rows: number;
  /** What each column holds: `numbers`, or in words what it is instead. */
  readonly kinds: ReadonlyMap<string, string>;
  /** Columns that are not pandas' index. */
  readonly columns: readonly string[];
  readonly groups: readonly RowGroup[];
  /** All values of a column within a row group, in order. */
  pieces(column: string, group: RowGroup): AsyncGenerator<Piece>;
}

const NUMBERS = 'numbers';

/** Opens the table for the time of `use`. Whatever the library throws becomes a NarrowsError. */
async function* withTable<T>(
  file: string,
  reference: string,
  use: (table: Table) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const name = reference.split('#')[0] as string;
  const handle = await open(file, 'r');
  try {
    /** What was read for a column. */
    const read: ArrayBuffer[] = [];
    const buffer = await bufferOf(handle, read);
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
      top.map(({ element, children }) => [element.name, children.length > 0 ? nested(element) : kindOf(element)]),
    );
    yield* use({
      rows,
      kinds,
      columns: [...kinds.keys()].filter((column) => !index.includes(column)),
      groups,
      async *pieces(column, { from, rows }) {
        read.length = 0;
        const chunks: ColumnData[] = [];
        const onChunk = (chunk: ColumnData) => chunks.push(chunk);
        await parquetRead({
          file: buffer,
          metadata,
          columns: [column],
          rowStart: from,
          rowEnd: from + rows,
          compressors,
          onChunk,
        });
        const found = chunks.reduce((sum, { columnData }) => sum + columnData.length, 0);
        if (found !== rows) throw new Error(`column "${column}" has ${found} values in a group of ${rows} rows`);
        for (const { rowStart, columnData } of chunks) yield { from: rowStart, values: columnData };
        for (const bytes of read) release(bytes);
      },
    });
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    throw arrayInvalid(name, `this is no whole Parquet file (${(error as Error).message})`);
  } finally {
    await handle.close();
  }
}

/** `given` gets what is read. */
async function bufferOf(handle: FileHandle, given: ArrayBuffer[]): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    // What a broken file names is not asked of memory.
    if (!(start >= 0 && start <= end && end <= size)) throw new Error(`bytes ${start} to ${end} of ${size} are missing`);
    const bytes = new Uint8Array(end - start);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new Error(`it ends at byte ${start + done} of ${size}`);
      done += bytesRead;
    }
    given.push(bytes.buffer);
    return bytes.buffer;
  };
  return {
    byteLength: size,
    slice(start, end = size) {
      const part = read(start, end);
      // hyparquet reads ahead, and may fail on one part before it looks at another.
      part.catch(() => {});
      return part;
    },
  };
}

function chooseNumbers({ kinds, columns }: Table, selection: string | undefined, reference: string): string[] {
  if (selection === undefined) {
    const numbers = columns.filter((column) => kinds.get(column) === NUMBERS);
    if (numbers.length > 0) return numbers;
    throw arrayInvalid(reference, `none of its columns holds numbers: ${formatList(columns)}`);
  }
  const names = [...kinds.keys()];
  const chosen = selectColumns(names, selection, reference).map((column) => names[column] as string);
  const other = chosen.find((column) => kinds.get(column) !== NUMBERS);
  if (other === undefined) return chosen;
  throw arrayInvalid(
    reference,
    `its column "${other}" holds ${kinds.get(other)}`,
    'arrays are made of columns of floats or whole numbers',
  );
}

function kindOf({ type, logical_type, converted_type, repetition_type }: SchemaElement): string {
  if (repetition_type === 'REPEATED') return 'lists';
  const logical = logical_type?.type ?? converted_type ?? type ?? 'nothing';
  if (/^(FLOAT|DOUBLE|FLOAT16|DECIMAL|INTEGER|INT32|INT64|U?INT_\d+)$/.test(logical)) return NUMBERS;
  if (/^(STRING|UTF8|ENUM|BYTE_ARRAY)$/.test(logical)) return 'text';
  return `values of the type ${logical}`;
}

const nested = ({ logical_type, converted_type }: SchemaElement) =>
  (logical_type?.type ?? converted_type) === 'LIST' ? 'lists' : 'records';

/** The columns in which pandas keeps the index of a frame: they are none of the frame's. */
function pandasIndex({ key_value_metadata }: FileMetaData): readonly unknown[] {
  const about = key_value_metadata?.find(({ key }) => key === 'pandas')?.value;
  const index = about === undefined ? [] : (JSON.parse(about) as { index_columns?: unknown }).index_columns;
  return Array.isArray(index) ? index : [];
}

function numberAt(values: ArrayLike<unknown>, i: number, from: number, column: string, reference: string): number {
  const value = values[i];
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw arrayInvalid(
    reference,
    `row ${from + i}, column "${column}" is empty`,
    'remove the row from every array, or fill the value in',
  );
}

function textAt(values: ArrayLike<unknown>, i: number, from: number, column: string, reference: string): string {
  const value = values[i];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  const what = value === null || value === undefined ? 'is empty' : 'is neither text nor a number';
  throw arrayInvalid(reference, `row ${from + i}, column "${column}" ${what}`);
}
