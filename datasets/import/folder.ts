/** Reads the arrays of a dataset folder by reference, such as `X.npy` or `data.h5#/X`. */
import { NarrowsError } from '../../errors.ts';
import type { SourceRows } from '../files/chunks.ts';
import type { FileSource } from '../files/file-source.ts';
import type { Scratch } from '../files/scratch.ts';
import type { ArraySource } from '../formats/array-format.ts';
import { noTextError, parseReference, requireFormat } from '../formats/formats.ts';
import { type DatasetFiles, openDatasetFiles } from './files.ts';
import { type ReadMonitor, UNMONITORED } from './monitor.ts';

/** Reads files in chunks. A file is known to be complete and unchanged after its last chunk. */
export interface DatasetFolder extends Pick<DatasetFiles, 'list' | 'stream' | 'hash'> {
  /** Returns chunks of values [rows, columns] that float32 can hold: see ArraySource. */
  matrix(reference: string): AsyncIterable<SourceRows>;
  /** As `matrix`, of an array of any number of axes: all after the first are columns. */
  rows(reference: string): AsyncIterable<SourceRows>;
  /** Returns the finite values of a single column in float64. */
  numbers(reference: string): Promise<Float64Array>;
  /** Returns the column names of a table; null for other arrays. */
  header(reference: string): Promise<readonly string[] | null>;
  /** Returns a column of a table, or a dataset of an HDF5 file, as text, some rows at a time. */
  column(reference: string, column?: string): AsyncIterable<readonly string[]>;
}

/** `scratch`: for arrays whose file does not store rows contiguously. */
export function openDatasetFolder(
  from: string | FileSource,
  scratch: Scratch,
  monitor: ReadMonitor = UNMONITORED,
): DatasetFolder {
  const files = openDatasetFiles(from, monitor);
  const open = async (reference: string, bytes: () => AsyncIterable<Uint8Array>): Promise<ArraySource> => {
    const { file, member } = parseReference(reference);
    const format = requireFormat(reference);
    const path = format.access === 'random' ? await files.locate(file) : '';
    return (await format.load()).open({ reference, file, member, path, bytes, scratch });
  };
  async function* read<T>(reference: string, use: (source: ArraySource) => AsyncIterable<T>): AsyncGenerator<T> {
    const source = await open(reference, () => files.content(reference));
    if (requireFormat(reference).access === 'sequential') yield* use(source);
    else {
      await files.ensureHashed(reference);
      yield* use(source);
      await files.ensureHashed(reference);
    }
  }
  async function* readRows(reference: string, maxAxes: number): AsyncGenerator<SourceRows> {
    let row = 0;
    for await (const chunk of read(reference, (source) => source.rows(maxAxes))) {
      requireFinite(chunk, row, reference);
      monitor.requireSize(reference, row + chunk.rows, chunk.columns);
      yield chunk;
      row += chunk.rows;
    }
  }
  return {
    matrix: (reference) => readRows(reference, 2),
    rows: (reference) => readRows(reference, Number.POSITIVE_INFINITY),
    async numbers(reference) {
      const parts: Float64Array[] = [];
      let count = 0;
      for await (const part of read(reference, (source) => source.numbers())) {
        count += part.length;
        monitor.requireSize(reference, 1, count);
        parts.push(Float64Array.from(part));
      }
      const data = joinValues(parts, count);
      requireFinite({ columns: 1, data }, 0, reference);
      return data;
    },
    async header(reference) {
      const { file } = parseReference(reference);
      // Reads only the start of a sequential file.
      const source = await open(reference, () => files.pieces(file));
      if (!source.header) return null;
      await files.ensureHashed(reference);
      const header = await source.header();
      await files.ensureHashed(reference);
      return header;
    },
    column: (reference, column) =>
      read(reference, (source) => {
        if (source.column) return source.column(column);
        throw noTextError(reference);
      }),
    list: files.list,
    stream: files.stream,
    hash: files.hash,
  };
}

function joinValues(parts: readonly Float64Array[], count: number): Float64Array {
  const data = new Float64Array(count);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}

/** Throws NarrowsError `not-finite` with file, row and column (from 0). `from`: first row. */
function requireFinite(
  { columns, data }: { columns: number; data: Float32Array | Float64Array },
  from: number,
  reference: string,
): void {
  const index = findBeyondFloat32(data);
  if (index < 0) return;
  const row = from + Math.floor(index / columns);
  const column = index % columns;
  throw new NarrowsError('not-finite', `${reference}: row ${row}, column ${column} is ${data[index]}`, {
    path: `${reference}[${row}, ${column}]`,
    fix: 'remove the row (counted from 0) from every array, or correct the value; float32 ends at 3.4e38',
  });
}

/** Smallest number that float32 rounds to infinity. */
const FLOAT32_END = 2 ** 128 - 2 ** 103;

/** Returns the index of the first value that is not finite in float32, or -1. */
function findBeyondFloat32(data: Float32Array | Float64Array): number {
  // A loop: findIndex takes twenty times as long.
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i] as number) < FLOAT32_END)) return i;
  return -1;
}
