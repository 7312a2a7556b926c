/**
 * A cache of blobs in a folder of this machine, shared by its processes. It is bounded: what was
 * used least recently is deleted first. A file that a process reads stays readable to it, and what
 * is not found is read from the database.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NarrowsError } from '../errors.ts';
import { sha256Of } from '../platform.ts';

export interface BlobCache {
  /** Returns the cached copy, null without one; deletes it where its hash differs. */
  read(sha256: string): Promise<Uint8Array | null>;
  /** Keeps a copy, if it fits. Throws NarrowsError `disk-full`. */
  write(sha256: string, bytes: Uint8Array): Promise<void>;
}

/** `mostBytes`: the size of all files together; 0 keeps none. */
export function createBlobCache(directory: string, mostBytes: number): BlobCache {
  return {
    read: (sha256) => readCached(join(directory, sha256), sha256),
    async write(sha256, bytes) {
      if (bytes.length > mostBytes) return;
      await writeCached(directory, sha256, bytes);
      await evict(directory, mostBytes, sha256);
    },
  };
}

/** Returns the bytes of the files in the folder; 0 where there is none. */
export async function measureBlobCache(directory: string): Promise<number> {
  return (await listFiles(directory)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Reads small files in half the time of fs.promises. */
const readWhole = promisify(readFile);

async function readCached(path: string, sha256: string): Promise<Uint8Array | null> {
  try {
    const bytes = new Uint8Array(await readWhole(path));
    if (sha256Of(bytes) === sha256) {
      // The time of the last use, by which files are deleted. It is not worth an error.
      const now = new Date();
      await fs.utimes(path, now, now).catch(() => {});
      return bytes;
    }
    await fs.rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return null;
  }
  return null;
}

async function writeCached(directory: string, sha256: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, `.${sha256}.${randomUUID()}`);
  try {
    await fs.mkdir(directory, { recursive: true });
    await fs.writeFile(temporary, bytes, { mode: 0o600 });
    await fs.rename(temporary, join(directory, sha256));
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    if (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw new NarrowsError('disk-full', `no space left in ${directory}`, {
        path: directory,
        fix: 'free some space, or set NARROWS_HOME to a larger disk',
        kind: 'failure',
        cause: error,
      });
    }
    // An unwritable cache costs only time.
  }
}

/** Deletes the files that were used least recently, but for the newest copy. */
async function evict(directory: string, mostBytes: number, newest: string): Promise<void> {
  const files = await listFiles(directory);
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { name, bytes } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= mostBytes) return;
    if (name === newest) continue;
    // Another process may have deleted it: it is gone in any case.
    await fs.rm(join(directory, name), { force: true }).catch(() => {});
    total -= bytes;
  }
}

/** Lists the files, those of interrupted writes among them. */
async function listFiles(directory: string): Promise<{ name: string; bytes: number; usedAt: number }[]> {
  const names = await fs.readdir(directory).catch(() => []);
  const files = await Promise.all(
    names.map(async (name) => {
      const found = await fs.stat(join(directory, name)).catch(() => null);
      return found?.isFile() ? [{ name, bytes: found.size, usedAt: found.mtimeMs }] : [];
    }),
  );
  return files.flat();
}
