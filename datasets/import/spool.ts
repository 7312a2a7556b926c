/** Spools arrays and lists from a file to the store through a hashed scratch file. */
import { createHash } from 'node:crypto';
import type { Matrix } from '../../models/axes.ts';
import { type ColumnStatistics, sumStatistics } from '../column-statistics.ts';
import type { BlobContent } from '../description.ts';
import { rowsPerChunk, type SourceRows } from '../files/chunks.ts';
import type { Scratch, ScratchFile } from '../files/scratch.ts';
import { type RepeatedRows, searchRepeatedRows } from './repeated-rows.ts';
import { searchRowNumbers } from './row-numbers.ts';

/** The bytes of a scratch file. */
export interface SpooledContent extends BlobContent {
  readonly pieces: ScratchFile;
}

/** float32, little-endian, C order. */
export interface SpooledMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly content: SpooledContent;
  /** Before rounding. */
  readonly statistics: readonly ColumnStatistics[];
  readonly repeatedRows: RepeatedRows | null;
  /** Columns that count the rows in order. */
  readonly rowNumbers: readonly number[];
  /** Returns chunks of whole rows, repeatedly. A chunk is valid until the next is requested. */
  chunks(): AsyncGenerator<Matrix>;
  /** Fills `into`, which has the length of a row. */
  readRow(row: number, into: Float32Array): void;
}

/** A JSON list of text. */
export interface SpooledList {
  readonly length: number;
  readonly content: SpooledContent;
}

export interface SpooledGroups extends SpooledList {
  /** Number of rows by group. */
  readonly sizes: ReadonlyMap<string, number>;
}

export interface MatrixSpool {
  /** Rounds whole rows, all of the same number of columns, and appends them. */
  add(chunk: SourceRows): Promise<void>;
  end(): SpooledMatrix;
}

export interface ListSpool<Spooled = SpooledList> {
  add(values: Iterable<string>): Promise<void>;
  end(): Promise<Spooled>;
}

export async function openMatrixSpool(scratch: Scratch): Promise<MatrixSpool> {
  const file = await scratch.createFile();
  const hash = createHash('sha256');
  const [statistics, repeated, numbers] = [sumStatistics(), searchRepeatedRows(), searchRowNumbers()];
  let rounded = new Float32Array(0);
  let [rows, columns] = [0, 0];
  return {
    async add(chunk) {
      statistics.add(chunk);
      repeated.add(chunk);
      numbers.add(chunk);
      const { data } = chunk;
      if (rounded.length < data.length && data instanceof Float64Array) rounded = new Float32Array(data.length);
      if (data instanceof Float64Array) rounded.set(data);
      const values = data instanceof Float64Array ? rounded.subarray(0, data.length) : data;
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      hash.update(bytes);
      await file.append(bytes);
      rows += chunk.rows;
      columns = chunk.columns;
    },
    end: () =>
      readSpooled({
        rows,
        columns,
        content: { sha256: hash.digest('hex'), bytes: rows * columns * 4, pieces: file },
        statistics: statistics.end(),
        repeatedRows: repeated.end(),
        rowNumbers: numbers.end(),
      }),
  };
}

/** Adds the methods that read the rows of a matrix from its scratch file. */
export function readSpooled(matrix: Omit<SpooledMatrix, 'chunks' | 'readRow'>): SpooledMatrix {
  const { rows, columns } = matrix;
  const { pieces: file } = matrix.content;
  return {
    ...matrix,
    async *chunks() {
      const data = new Float32Array(Math.min(rows, rowsPerChunk(columns)) * columns);
      for (let from = 0; from < rows; from += rowsPerChunk(columns)) {
        const count = Math.min(rows - from, rowsPerChunk(columns));
        const chunk = data.subarray(0, count * columns);
        await file.read(new Uint8Array(chunk.buffer, 0, chunk.byteLength), from * columns * 4);
        yield { rows: count, columns, data: chunk };
      }
    },
    readRow: (row, into) => file.readSync(new Uint8Array(into.buffer, into.byteOffset, into.byteLength), row * columns * 4),
  };
}

export async function spoolMatrix(
  scratch: Scratch,
  chunks: AsyncIterable<SourceRows> | Iterable<SourceRows>,
): Promise<SpooledMatrix> {
  const spool = await openMatrixSpool(scratch);
  for await (const chunk of chunks) await spool.add(chunk);
  return spool.end();
}

/** Reads all rows. */
export async function readMatrix({ rows, columns, chunks }: SpooledMatrix): Promise<Matrix> {
  const data = new Float32Array(rows * columns);
  let at = 0;
  for await (const chunk of chunks()) {
    data.set(chunk.data, at);
    at += chunk.data.length;
  }
  return { rows, columns, data };
}

/** Bytes of text written at once. */
const TEXT_BYTES = 2 ** 20;

/** Writes the same bytes as JSON.stringify of the whole list. */
export async function openListSpool(scratch: Scratch): Promise<ListSpool> {
  const file = await scratch.createFile();
  const hash = createHash('sha256');
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(TEXT_BYTES);
  let [length, bytes, held] = [0, 0, 0];
  const flush = async () => {
    const encoded = buffer.subarray(0, held);
    hash.update(encoded);
    await file.append(encoded);
    bytes += held;
    held = 0;
  };
  const write = async (text: string) => {
    for (let rest = text; rest.length > 0; ) {
      const { read, written } = encoder.encodeInto(rest, buffer.subarray(held));
      held += written;
      rest = rest.slice(read);
      if (rest.length > 0) await flush();
    }
  };
  return {
    async add(values) {
      const encoded = Array.from(values, (value) => JSON.stringify(value));
      if (encoded.length > 0) await write(`${length === 0 ? '[' : ','}${encoded.join(',')}`);
      length += encoded.length;
    },
    async end() {
      await write(length === 0 ? '[]' : ']');
      await flush();
      return { length, content: { sha256: hash.digest('hex'), bytes, pieces: file } };
    },
  };
}

export async function spoolList(scratch: Scratch, values: Iterable<string>): Promise<SpooledList> {
  const spool = await openListSpool(scratch);
  await spool.add(values);
  return spool.end();
}

/** Spools the groups of rows, and counts the rows of each. */
export async function openGroupSpool(scratch: Scratch): Promise<ListSpool<SpooledGroups>> {
  const list = await openListSpool(scratch);
  const sizes = new Map<string, number>();
  return {
    async add(values) {
      for (const group of values) {
        const rows = sizes.get(group);
        // A copy: a substring would keep the whole text in memory.
        sizes.set(rows === undefined ? Buffer.from(group).toString() : group, (rows ?? 0) + 1);
      }
      await list.add(values);
    },
    end: async () => ({ ...(await list.end()), sizes }),
  };
}

export async function readList({ content }: SpooledList): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of content.pieces) text += decoder.decode(piece, { stream: true });
  return JSON.parse(text) as string[];
}
