/**
 * A cache of blobs in a folder of this machine, shared by its processes. It is bounded: what was
 * used least recently is deleted first. A file that a process reads stays readable to it, and what
 * is not found is read from the database. No fault of the cache is an error: it costs only time.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isDiskFull } from '../errors.ts';
import { sha256Of } from '../platform.ts';

export interface BlobCache {
  /** Returns the cached copy, null without one; deletes it where its hash differs. */
  read(sha256: string): Promise<Uint8Array | null>;
  /** Keeps a copy, if it fits and can be written. */
  write(sha256: string, bytes: Uint8Array): Promise<void>;
}

export interface BlobCacheOptions {
  readonly directory: string;
  /** The size of all files together; 0 keeps none. */
  readonly mostBytes: number;
  /** Called for each damaged copy, and for the first one that the disk has no room for. */
  readonly onNote?: (text: string) => void;
}

export function createBlobCache({ directory, mostBytes, onNote = () => {} }: BlobCacheOptions): BlobCache {
  let wasFull = false;
  return {
    read: (sha256) => readCached(directory, sha256, onNote),
    async write(sha256, bytes) {
      if (bytes.length > mostBytes) return;
      const failure = await writeCached(directory, sha256, bytes);
      if (failure === 'full' && !wasFull) onNote(`no space left in ${directory}: arrays are read from the database each time`);
      wasFull = failure === 'full';
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

async function readCached(directory: string, sha256: string, onNote: (text: string) => void): Promise<Uint8Array | null> {
  const path = join(directory, sha256);
  try {
    const bytes = new Uint8Array(await readWhole(path));
    if (sha256Of(bytes) === sha256) {
      // The time of the last use, by which files are deleted. It is not worth an error.
      const now = new Date();
      await fs.utimes(path, now, now).catch(() => {});
      return bytes;
    }
    onNote(`the copy ${path} is damaged, and is read from the database again`);
    await fs.rm(path, { force: true });
  } catch {
    // Absent, or not readable.
  }
  return null;
}

/** Returns why the copy could not be written; null where it was. */
async function writeCached(directory: string, sha256: string, bytes: Uint8Array): Promise<'full' | 'unwritable' | null> {
  const temporary = join(directory, `.${sha256}.${randomUUID()}`);
  try {
    await fs.mkdir(directory, { recursive: true });
    await fs.writeFile(temporary, bytes, { mode: 0o600 });
    await fs.rename(temporary, join(directory, sha256));
    return null;
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    return isDiskFull(error) ? 'full' : 'unwritable';
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
