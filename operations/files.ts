/** Files that are written whole, and specs. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDiskFull, NarrowsError } from '../errors.ts';
import { decodeText, MAX_DOCUMENT_BYTES, readSmallFile } from '../platform.ts';
import { formatBytes } from '../text/format.ts';

/** Writes a file and renames it into place. Throws `not-writable`, `disk-full`. */
export async function writeFileWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw unwritableError(path, error, Buffer.byteLength(content));
  }
}

/** Returns `disk-full` or `not-writable` for a file of at least so many bytes. */
export function unwritableError(path: string, error: unknown, bytes: number): NarrowsError {
  const { code } = error as NodeJS.ErrnoException;
  const isFull = isDiskFull(error);
  const size = bytes > 0 ? ` for its ${formatBytes(bytes)} or more` : '';
  const reason = isFull ? `no space left${size}` : code;
  return new NarrowsError(isFull ? 'disk-full' : 'not-writable', `${path} cannot be written: ${reason}`, {
    path,
    fix: isFull ? 'free some space, or write to another disk' : 'write to a folder that this user may write',
    kind: 'failure',
    cause: error,
  });
}

/**
 * Reads a spec in UTF-8, or in UTF-16 with a byte order mark. Throws NarrowsError `spec-invalid`
 * for one that is too large, and errors of the file system.
 */
export async function readSpecFile(file: string): Promise<string> {
  const bytes = await readSmallFile(file, MAX_DOCUMENT_BYTES);
  if (bytes !== null) return decodeText(bytes);
  throw new NarrowsError('spec-invalid', `${file} has more than ${MAX_DOCUMENT_BYTES / 2 ** 20} MiB`, {
    path: file,
    fix: 'is it a spec? long lists of values are written as ranges',
  });
}
