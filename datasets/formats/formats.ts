/** The known file formats: the one table that reading, error messages and the guide follow. */
import type { NarrowsError } from '../../errors.ts';
import { type ArrayFormat, type ArrayReference, arrayInvalid } from './array-format.ts';
import type { TextKind } from './text-dialect.ts';

const textFormat = (textKind: TextKind, ...extensions: readonly [string, ...string[]]): ArrayFormat => ({
  extensions,
  example: `table${extensions[0]}#a,b`,
  hasText: true,
  access: 'sequential',
  textKind,
  load: async () => (await import('./csv.ts'))[textKind],
});

export const ARRAY_FORMATS: readonly ArrayFormat[] = [
  {
    extensions: ['.npy'],
    example: 'X.npy',
    hasText: true,
    access: 'sequential',
    load: async () => (await import('./npy.ts')).npy,
  },
  {
    extensions: ['.npz', '.zip'],
    example: 'data.npz#X',
    hasText: true,
    access: 'sequential',
    load: async () => (await import('./npz.ts')).npz,
  },
  {
    extensions: ['.h5', '.hdf5', '.nxs', '.hdf', '.he5', '.nx', '.nx5', '.nexus', '.mat', '.nc'],
    example: 'data.h5#/X',
    hasText: true,
    access: 'random',
    load: async () => (await import('./hdf5.ts')).hdf5,
  },
  textFormat('csv', '.csv'),
  textFormat('tsv', '.tsv'),
  textFormat('txt', '.txt', '.dat', '.asc', '.prn', '.xy', '.xdi', '.xmu', '.nor', '.stk'),
  {
    extensions: ['.parquet'],
    example: 'table.parquet#a,b',
    hasText: true,
    access: 'random',
    load: async () => (await import('./parquet.ts')).parquet,
  },
];

/** Returns the format of a file by the end of its name, in either case; undefined for others. */
export const findFormat = (file: string): ArrayFormat | undefined =>
  ARRAY_FORMATS.find(({ extensions }) => extensions.some((extension) => file.toLowerCase().endsWith(extension)));

/**
 * Splits a reference at the first `#` that follows the name of a file of a known format: file names
 * may contain others.
 */
export function parseReference(reference: string): ArrayReference {
  const parts = reference.split('#');
  for (let count = 1; count < parts.length; count++) {
    const file = parts.slice(0, count).join('#');
    if (findFormat(file)) return { file, member: parts.slice(count).join('#') };
  }
  if (parts.length === 1 || findFormat(reference)) return { file: reference, member: undefined };
  return { file: parts[0] ?? '', member: parts.slice(1).join('#') };
}

/** Throws NarrowsError `array-invalid` where the file of a reference is of no known format. */
export function requireFormat(reference: string): ArrayFormat {
  const format = findFormat(parseReference(reference).file);
  if (format) return format;
  const examples = ARRAY_FORMATS.map(({ example }) => example).join(', ');
  throw arrayInvalid(reference, 'its file format is not known', `references to arrays of known formats: ${examples}`);
}

/** A NarrowsError `array-invalid` for a reference to a format from which text cannot be read. */
export function noTextError(reference: string): NarrowsError {
  const extensions = ARRAY_FORMATS.flatMap(({ hasText, extensions }) => (hasText ? extensions : [])).join(', ');
  return arrayInvalid(reference, 'text cannot be read from this format', `ids, groups and series are read from ${extensions}`);
}
