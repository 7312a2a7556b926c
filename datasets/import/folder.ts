/** Arrays of a dataset folder by reference: `X.npy`, `data.npz#X`, `data.h5#/X`, `table.csv`, `table.tsv#a,b`, `table.parquet#e_*`. */
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Scratch } from '../files/scratch.ts';
import { type ArraySource, concatenate } from '../formats/array-source.ts';
import { openCsv } from '../formats/csv.ts';
import { openHdf5 } from '../formats/hdf5.ts';
import { arrayInvalid, openNpy } from '../formats/npy.ts';
import { openParquet } from '../formats/parquet.ts';
import { isArchive, openDatasetFiles, parseReference } from './files.ts';

/** Reads the files of one folder in chunks. A file counts as read when its last chunk was asked for: only then is it known to be whole and unchanged. */
export interface DatasetFolder {
  readonly directory: string;
  /** [rows, columns] in chunks, every value finite: see ArraySource. */
  matrix(reference: string): AsyncIterable<Matrix>;
  /** [rows, values of a row] of an array of any number of axes, in chunks, every value finite. */
  rows(reference: string): AsyncIterable<Matrix>;
  /** A single column in float64, every value finite. */
  numbers(reference: string): Promise<Float64Array>;
  /** Names of the columns of a table; null for other arrays, whose columns have none. */
  header(reference: string): Promise<readonly string[] | null>;
  /** A column of a table, or a dataset of an HDF5 file, as text, some rows at a time. */
  column(reference: string, column?: string): AsyncIterable<readonly string[]>;
  /** The bytes of a file, in order; hashed as they pass. A piece is good until the next is asked for. */
  stream(file: string): AsyncIterable<Uint8Array>;
  /** sha256 of the raw bytes of a file, or of an npz member: what the version is made of. */
  hash(reference: string): Promise<string>;
}

/** `scratch`: for arrays whose file does not keep rows together. A file that changes while it is read is refused: see Files. */
export function openDatasetFolder(directory: string, scratch: Scratch): DatasetFolder {
  const files = openDatasetFiles(directory);
  async function* use<T>(reference: string, read: (source: ArraySource) => AsyncIterable<T>): AsyncGenerator<T> {
    const { file, member: part } = parseReference(reference);
    const format = formatOf(reference);
    if ('inOrder' in format) yield* read(format.inOrder(() => files.content(reference), reference, part, scratch));
    else {
      await files.ensureHashed(reference);
      yield* read(format.inParts(files.path(file), reference, part, scratch));
      await files.ensureHashed(reference);
    }
  }
  async function* finite(reference: string, read: (source: ArraySource) => AsyncIterable<Matrix>): AsyncGenerator<Matrix> {
    let row = 0;
    for await (const chunk of use(reference, read)) {
      requireFinite(chunk, row, reference);
      yield chunk;
      row += chunk.rows;
    }
  }
  return {
    directory,
    matrix: (reference) => finite(reference, (source) => source.matrix()),
    rows: (reference) => finite(reference, (source) => source.rows()),
    async numbers(reference) {
      const read = async function* (source: ArraySource) {
        yield await source.numbers();
      };
      const data = await concatenate(use(reference, read));
      requireFinite({ columns: 1, data }, 0, reference);
      return data;
    },
    async header(reference) {
      const { file, member: part } = parseReference(reference);
      const format = formatOf(reference);
      if (!isTable(file)) return null;
      await files.ensureHashed(reference);
      // Where it is read in order, no more than its beginning is.
      const source =
        'inOrder' in format
          ? format.inOrder(() => files.pieces(file), reference, part, scratch)
          : format.inParts(files.path(file), reference, part, scratch);
      const header = await source.header();
      await files.ensureHashed(reference);
      return header;
    },
    column: (reference, column) => use(reference, (source) => source.column(column)),
    stream: files.stream,
    hash: files.hash,
  };
}

/** `inOrder`: the bytes of the array from the first to the last; `inParts`: from the file as they are asked for. */
type Format =
  | {
      readonly inOrder: (
        pieces: () => AsyncIterable<Uint8Array>,
        reference: string,
        part: string | undefined,
        scratch: Scratch,
      ) => ArraySource;
    }
  | { readonly inParts: (path: string, reference: string, part: string | undefined, scratch: Scratch) => ArraySource };

const NPY: Format = { inOrder: (pieces, reference, _part, scratch) => openNpy(pieces, reference, scratch) };

/** Throws NarrowsError `array-invalid` where a reference is to no format, or has too little or too much behind its file. */
function formatOf(reference: string): Format {
  const { file, member: part } = parseReference(reference);
  if (file.endsWith('.csv')) return { inOrder: (pieces, name, columns) => openCsv(pieces, name, ',', columns) };
  if (file.endsWith('.tsv')) return { inOrder: (pieces, name, columns) => openCsv(pieces, name, '\t', columns) };
  if (/\.(h5|hdf5|nxs)$/.test(file)) return { inParts: openHdf5 };
  if (file.endsWith('.parquet')) return { inParts: openParquet };
  if (isArchive(file)) {
    if (part !== undefined) return NPY;
    throw arrayInvalid(reference, 'the reference names no member of the archive', `write ${file}#name`);
  }
  if (isNpy(file)) {
    if (part === undefined) return NPY;
    throw arrayInvalid(reference, 'an .npy file has no members', `write ${file}`);
  }
  throw arrayInvalid(
    reference,
    'arrays are .npy, members of an .npz (file.npz#name), datasets of an .h5 (file.h5#/name), or tables: .csv, .tsv, .parquet',
  );
}

/** Frames of atoms, of which a file may hold any number; no array. */
export const isStructures = (reference: string) => /\.(xyz|extxyz)$/i.test(reference);

const isNpy = (file: string) => file.endsWith('.npy');
const isTable = (file: string) => /\.(csv|tsv|parquet)$/.test(file);

/** Of a chunk that begins with row `from`. Throws NarrowsError `not-finite` with file, row and column (both from 0). */
function requireFinite(
  { columns, data }: { columns: number; data: Float32Array | Float64Array },
  from: number,
  reference: string,
): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const row = from + Math.floor(at / columns);
  const column = at % columns;
  throw new NarrowsError('not-finite', `${reference}: row ${row}, column ${column} is ${data[at]}`, {
    path: `${reference}[${row}, ${column}]`,
    fix: 'remove the row (counted from 0) from every array, or repair the value; values above 3.4e38 do not fit float32',
  });
}
