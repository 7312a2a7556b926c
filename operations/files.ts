/** Files that exist only when they are whole. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NarrowsError } from '../errors.ts';
import { decodeText } from '../platform.ts';

/** Writes a file and renames it into place. Throws `not-writable`, `disk-full`. */
export async function writeFileWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    const { code } = error as NodeJS.ErrnoException;
    const full = code === 'ENOSPC';
    throw new NarrowsError(full ? 'disk-full' : 'not-writable', `${path} cannot be written: ${full ? 'no space left' : code}`, {
      path,
      kind: 'failure',
      cause: error,
    });
  }
}

/** Reads a text file in UTF-8, or in UTF-16 with a byte order mark. */
export const readTextFile = async (file: string): Promise<string> => decodeText(await readFile(file));
