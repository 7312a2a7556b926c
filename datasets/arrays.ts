/** Arrays of a dataset folder by reference: `X.npy`, `data.npz#X`, `energy.csv`. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import { readColumn, readCsv, readTable } from './csv.ts';
import { invalid, readNpy, readNpyColumn, readNpyRows } from './npy.ts';

/** Reads the files of one folder. Holds their hashes, not their bytes, so that one array at a time is in memory twice. */
export interface Folder {
  readonly directory: string;
  /** [rows, columns], every value finite. */
  matrix(reference: string): Promise<Matrix>;
  /** [rows, values of a row] of an array of any number of axes, every value finite. */
  rows(reference: string): Promise<Matrix>;
  /** A single column in float64, every value finite. */
  numbers(reference: string): Promise<Float64Array>;
  /** Names of the columns of a csv file; null for other arrays, whose columns have none. */
  header(reference: string): Promise<readonly string[] | null>;
  /** A column of a csv file as text. */
  column(reference: string, column?: string): Promise<string[]>;
  /** The bytes of a file of any size, in order; hashed as they pass. A piece is good until the next is asked for. */
  stream(file: string): AsyncIterable<Uint8Array>;
  /** sha256 of the raw bytes of a file, or of an npz member: what the version is made of. */
  hash(reference: string): Promise<string>;
}

/** A file that is read twice must be the same both times: NarrowsError `file-changed`. */
export function openFolder(directory: string): Folder {
  const hashes = new Map<string, string>();
  const bytes = async (reference: string): Promise<Uint8Array> => {
    const [file = '', member] = reference.split('#');
    const whole = await readWithin(directory, file);
    const content = member === undefined ? whole : npzMember(whole, file, member);
    keepHash(reference, createHash('sha256').update(content).digest('hex'));
    return content;
  };
  const keepHash = (reference: string, hash: string) => {
    if ((hashes.get(reference) ?? hash) !== hash) {
      throw new NarrowsError('file-changed', `${reference} changed while it was read`, { path: reference, fix: 'try again' });
    }
    hashes.set(reference, hash);
  };
  async function* stream(file: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    for await (const chunk of piecesOf(pathWithin(directory, file), file)) {
      hash.update(chunk);
      yield chunk;
    }
    keepHash(file, hash.digest('hex'));
  }
  const csv = async (reference: string) => new TextDecoder().decode(await bytes(reference));
  const matrix = async (reference: string): Promise<Matrix> => {
    const { rows, columns, data } = isCsv(reference)
      ? readCsv(await csv(reference), reference)
      : readNpy(await bytes(requireArray(reference)), reference);
    const values = { rows, columns, data: data instanceof Float32Array ? data : Float32Array.from(data) };
    requireFinite(values, reference);
    return values;
  };
  return {
    directory,
    matrix,
    async rows(reference) {
      if (isCsv(reference)) return matrix(reference);
      const values = readNpyRows(await bytes(requireArray(reference)), reference);
      requireFinite(values, reference);
      return values;
    },
    async numbers(reference) {
      let data: Float64Array;
      if (isCsv(reference)) {
        const table = readCsv(await csv(reference), reference);
        if (table.columns !== 1) throw invalid(reference, `it has ${table.columns} columns; one is needed`);
        data = table.data;
      } else {
        data = readNpyColumn(await bytes(requireArray(reference)), reference);
      }
      requireFinite({ columns: 1, data }, reference);
      return data;
    },
    async header(reference) {
      return isCsv(reference) ? readTable(await csv(reference), reference).header : null;
    },
    async column(reference, column) {
      if (!isCsv(reference)) throw invalid(reference, 'names and groups of rows are read from .csv files');
      return readColumn(await csv(reference), reference, column);
    },
    stream,
    async hash(reference) {
      // Structures may be larger than what can be read at once.
      if (!hashes.has(reference) && isStructures(reference)) for await (const _ of stream(reference));
      else if (!hashes.has(reference)) await bytes(reference);
      return hashes.get(reference) as string;
    },
  };
}

/** A read of half a millisecond. */
const STREAM_BYTES = 1 << 20;

/** Frames of atoms, of which a file may hold any number. */
export const isStructures = (reference: string) => /\.(xyz|extxyz)$/i.test(reference);

const isCsv = (reference: string) => reference.endsWith('.csv');

function requireArray(reference: string): string {
  if (reference.endsWith('.npy') || reference.includes('#')) return reference;
  throw invalid(reference, 'arrays are .npy, members of an .npz (file.npz#name) or .csv');
}

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
