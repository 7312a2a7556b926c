/** Arrays of a dataset folder by reference: `X.npy`, `data.npz#X`, `data.h5#/X`, `table.csv`, `table.tsv#a,b`, `table.parquet#e_*`. */
import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import { type Delimiter, readColumn, readCsv, readHeader } from './csv.ts';
import { openHdf5 } from './hdf5.ts';
import { invalid, readNpy, readNpyColumn, readNpyRows } from './npy.ts';
import { openParquet } from './parquet.ts';
import type { ArraySource } from './source.ts';

/** Reads the files of one folder. Holds their hashes, not their bytes, so that one array at a time is in memory twice. */
export interface Folder {
  readonly directory: string;
  /** [rows, columns], every value finite. */
  matrix(reference: string): Promise<Matrix>;
  /** [rows, values of a row] of an array of any number of axes, every value finite. */
  rows(reference: string): Promise<Matrix>;
  /** A single column in float64, every value finite. */
  numbers(reference: string): Promise<Float64Array>;
  /** Names of the columns of a table; null for other arrays, whose columns have none. */
  header(reference: string): Promise<readonly string[] | null>;
  /** A column of a table, or a dataset of an HDF5 file, as text. */
  column(reference: string, column?: string): Promise<string[]>;
  /** The bytes of a file of any size, in order; hashed as they pass. A piece is good until the next is asked for. */
  stream(file: string): AsyncIterable<Uint8Array>;
  /** sha256 of the raw bytes of a file, or of an npz member: what the version is made of. */
  hash(reference: string): Promise<string>;
}

/** A file that is read twice must be the same both times: NarrowsError `file-changed`. */
export function openFolder(directory: string): Folder {
  const hashes = new Map<string, string>();
  /** When a file that is read in parts was last hashed: its size and times. */
  const states = new Map<string, string>();
  const keepHash = (reference: string, hash: string) => {
    if ((hashes.get(reference) ?? hash) !== hash) {
      throw new NarrowsError('file-changed', `${reference} changed while it was read`, { path: reference, fix: 'try again' });
    }
    hashes.set(reference, hash);
  };
  const bytes = async (reference: string, { file, part }: Place): Promise<Uint8Array> => {
    const whole = await readWithin(directory, file);
    const content = isArchive(file) && part !== undefined ? npzMember(whole, file, part) : whole;
    const hash = createHash('sha256').update(content).digest('hex');
    keepHash(reference, hash);
    if (content === whole) keepHash(file, hash);
    return content;
  };
  async function* stream(file: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    for await (const piece of piecesOf(pathWithin(directory, file), file)) {
      hash.update(piece);
      yield piece;
    }
    keepHash(file, hash.digest('hex'));
  }
  /** Hashes a file without holding it, unless it still is as it was when it was hashed. */
  const pass = async (reference: string, file: string): Promise<void> => {
    const state = await stateOf(pathWithin(directory, file), file);
    if (states.get(file) !== state) for await (const _ of stream(file));
    states.set(file, state);
    keepHash(reference, hashes.get(file) as string);
  };
  const use = async <T>(reference: string, read: (source: ArraySource) => Promise<T>): Promise<T> => {
    const place = placeOf(reference);
    const format = formatOf(place, reference);
    if ('whole' in format) return read(format.whole(await bytes(reference, place), reference, place.part));
    await pass(reference, place.file);
    const result = await read(format.parts(pathWithin(directory, place.file), reference, place.part));
    await pass(reference, place.file);
    return result;
  };
  const finite = async <T extends Matrix | Float64Array>(reference: string, read: (source: ArraySource) => Promise<T>) => {
    const values = await use(reference, read);
    requireFinite(values instanceof Float64Array ? { columns: 1, data: values } : values, reference);
    return values;
  };
  return {
    directory,
    matrix: (reference) => finite(reference, (source) => source.matrix()),
    rows: (reference) => finite(reference, (source) => source.rows()),
    numbers: (reference) => finite(reference, (source) => source.numbers()),
    header: (reference) => use(reference, (source) => source.header()),
    column: (reference, column) => use(reference, (source) => source.column(column)),
    stream,
    async hash(reference) {
      const place = placeOf(reference);
      if (hashes.has(reference)) return hashes.get(reference) as string;
      if (isArchive(place.file) && place.part !== undefined) await bytes(reference, place);
      else await pass(reference, place.file);
      return hashes.get(reference) as string;
    },
  };
}

/** A reference is a file, and behind a `#` what of it is meant. */
interface Place {
  readonly file: string;
  readonly part: string | undefined;
}

function placeOf(reference: string): Place {
  const at = reference.indexOf('#');
  return at < 0 ? { file: reference, part: undefined } : { file: reference.slice(0, at), part: reference.slice(at + 1) };
}

/** `whole`: read at once, as its bytes are small or are the array itself; `parts`: read from the file as it is asked for. */
type Format =
  | { readonly whole: (bytes: Uint8Array, reference: string, part: string | undefined) => ArraySource }
  | { readonly parts: (path: string, reference: string, part: string | undefined) => ArraySource };

/** Throws NarrowsError `array-invalid` where a reference is to no format, or has too little or too much behind its file. */
function formatOf({ file, part }: Place, reference: string): Format {
  if (/\.(csv|tsv)$/.test(file)) return { whole: csvSource };
  if (/\.(h5|hdf5|nxs)$/.test(file)) return { parts: openHdf5 };
  if (/\.parquet$/.test(file)) return { parts: openParquet };
  if (isArchive(file)) {
    if (part !== undefined) return { whole: npySource };
    throw invalid(reference, 'the reference names no member of the archive', `write ${file}#name`);
  }
  if (isNpy(file)) {
    if (part === undefined) return { whole: npySource };
    throw invalid(reference, 'an .npy file has no members', `write ${file}`);
  }
  throw invalid(
    reference,
    'arrays are .npy, members of an .npz (file.npz#name), datasets of an .h5 (file.h5#/name), or tables: .csv, .tsv, .parquet',
  );
}

/** Frames of atoms, of which a file may hold any number; no array. */
export const isStructures = (reference: string) => /\.(xyz|extxyz)$/i.test(reference);

const isNpy = (file: string) => file.endsWith('.npy');
const isArchive = (file: string) => /\.(npz|zip)$/.test(file);

function npySource(bytes: Uint8Array, reference: string): ArraySource {
  return {
    matrix: async () => readNpy(bytes, reference),
    rows: async () => readNpyRows(bytes, reference),
    numbers: async () => readNpyColumn(bytes, reference),
    header: async () => null,
    async column() {
      throw invalid(reference, 'names and groups of rows are read from .csv, .tsv, .parquet and .h5 files');
    },
  };
}

function csvSource(bytes: Uint8Array, reference: string, selection: string | undefined): ArraySource {
  const delimiter: Delimiter = placeOf(reference).file.endsWith('.tsv') ? '\t' : ',';
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    const most = Math.floor(constants.MAX_STRING_LENGTH / 2 ** 20);
    throw invalid(reference, `a table of text may have ${most} MiB`, 'save it as .npy, .h5 or .parquet');
  }
  const text = new TextDecoder().decode(bytes);
  const matrix = async () => {
    const { rows, columns, data } = readCsv(text, reference, delimiter, selection);
    return { rows, columns, data: new Float32Array(data) };
  };
  return {
    matrix,
    rows: matrix,
    async numbers() {
      const { columns, data } = readCsv(text, reference, delimiter, selection);
      if (columns !== 1)
        throw invalid(reference, `it has ${columns} columns; one is needed`, 'name it behind a #: table.csv#energy');
      return data;
    },
    header: async () => readHeader(text, reference, delimiter, selection),
    column: async (column) => readColumn(text, reference, column ?? selection, delimiter),
  };
}

/** A read of half a millisecond. */
const STREAM_BYTES = 1 << 20;

async function readWithin(directory: string, name: string): Promise<Uint8Array> {
  const path = pathWithin(directory, name);
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw unreadable(path, name, error);
  }
}

/** One buffer for all of the file: a new one for each piece is freed late, and adds up. */
async function* piecesOf(path: string, name: string): AsyncGenerator<Uint8Array> {
  const reading = async <T>(step: Promise<T>) => {
    try {
      return await step;
    } catch (error) {
      throw unreadable(path, name, error);
    }
  };
  const file = await reading(open(path));
  try {
    const buffer = new Uint8Array(STREAM_BYTES);
    for (;;) {
      const { bytesRead } = await reading(file.read(buffer, 0, STREAM_BYTES));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function stateOf(path: string, name: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    throw unreadable(path, name, error);
  }
}

function pathWithin(directory: string, name: string): string {
  if (!isAbsolute(name) && normalize(name).split(sep)[0] !== '..') return join(directory, name);
  throw new NarrowsError('path-outside', `${name} lies outside the dataset's folder`, { path: name });
}

function unreadable(path: string, name: string, error: unknown): NarrowsError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  return new NarrowsError('file-missing', `${path} ${why}`, { path: name, cause: error });
}

function npzMember(archive: Uint8Array, name: string, member: string): Uint8Array {
  const names: string[] = [];
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(archive, {
      filter: (entry) => {
        names.push(entry.name.replace(/\.npy$/, ''));
        return entry.name === `${member}.npy` || entry.name === member;
      },
    });
  } catch (error) {
    throw invalid(name, `this is no whole .npz archive (${(error as Error).message})`);
  }
  const found = members[`${member}.npy`] ?? members[member];
  if (found) return found;
  throw invalid(`${name}#${member}`, `the archive has no member "${member}"`, `its members are ${names.join(', ')}`);
}

/** Throws NarrowsError `not-finite` with file, row and column (both from 0). */
function requireFinite({ columns, data }: { columns: number; data: Float32Array | Float64Array }, reference: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const row = Math.floor(at / columns);
  const column = at % columns;
  throw new NarrowsError('not-finite', `${reference}: row ${row}, column ${column} is ${data[at]}`, {
    path: `${reference}[${row}, ${column}]`,
    fix: 'remove the row (counted from 0) from every array, or repair the value; values above 3.4e38 do not fit float32',
  });
}
