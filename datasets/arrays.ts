/** Arrays of a dataset folder by reference: `X.npy`, `data.npz#X`, `energy.csv`. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';
import { EXIT, NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import { readColumn, readCsv } from './csv.ts';
import { invalid, readNpy } from './npy.ts';

/** Reads the files of one folder, each once. */
export interface Folder {
  readonly directory: string;
  /** Raw bytes of a referenced file or npz member: what the version hashes. */
  bytes(reference: string): Promise<Uint8Array>;
  /** [rows, columns], every value finite. */
  matrix(reference: string): Promise<Matrix>;
  /** A column of a csv file as text. */
  column(reference: string, column?: string): Promise<string[]>;
}

export function openFolder(directory: string): Folder {
  const files = new Map<string, Promise<Uint8Array>>();
  const file = (name: string) => {
    const kept = files.get(name) ?? readWithin(directory, name);
    files.set(name, kept);
    return kept;
  };
  const bytes = async (reference: string) => {
    const [name = '', member] = reference.split('#');
    const whole = await file(name);
    return member === undefined ? whole : npzMember(whole, name, member);
  };
  return {
    directory,
    bytes,
    async matrix(reference) {
      const raw = await bytes(reference);
      const isCsv = reference.endsWith('.csv');
      if (!isCsv && !reference.endsWith('.npy') && !reference.includes('#')) {
        throw invalid(reference, 'arrays are .npy, members of an .npz (file.npz#name) or .csv');
      }
      const matrix = isCsv ? readCsv(new TextDecoder().decode(raw), reference) : readNpy(raw, reference);
      requireFinite(matrix, reference);
      return matrix;
    },
    async column(reference, column) {
      return readColumn(new TextDecoder().decode(await bytes(reference)), reference, column);
    },
  };
}

async function readWithin(directory: string, name: string): Promise<Uint8Array> {
  if (isAbsolute(name) || normalize(name).startsWith('..')) {
    throw new NarrowsError('path-outside', `${name} lies outside the dataset's folder`, { path: name });
  }
  try {
    return new Uint8Array(await readFile(join(directory, name)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'EACCES') throw error;
    throw new NarrowsError(
      'file-missing',
      `${join(directory, name)} ${code === 'ENOENT' ? 'does not exist' : 'cannot be read'}`,
      {
        path: name,
        exit: EXIT.invalid,
        cause: error,
      },
    );
  }
}

function npzMember(archive: Uint8Array, name: string, member: string): Uint8Array {
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(archive, { filter: (entry) => entry.name === `${member}.npy` || entry.name === member });
  } catch (error) {
    throw invalid(name, `this is no whole .npz archive (${(error as Error).message})`);
  }
  const found = members[`${member}.npy`] ?? members[member];
  if (found) return found;
  const names = Object.keys(unzipSync(archive)).map((entry) => entry.replace(/\.npy$/, ''));
  throw invalid(`${name}#${member}`, `the archive has no member "${member}"`, `its members are ${names.join(', ')}`);
}

/** Throws NarrowsError `not-finite` with file, row and column (both from 0). */
function requireFinite({ columns, data }: Matrix, reference: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const row = Math.floor(at / columns);
  const column = at % columns;
  throw new NarrowsError('not-finite', `${reference}: row ${row}, column ${column} is ${data[at]}`, {
    path: `${reference}[${row}, ${column}]`,
    fix: 'remove the row from every array, or repair the value',
  });
}
