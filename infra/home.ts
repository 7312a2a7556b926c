/** NARROWS_HOME: the private folder of the embedded servers. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NarrowsError } from '../errors.ts';

export interface Home {
  readonly directory: string;
  /** What runs, where, with which process ids. */
  readonly state: string;
  readonly logs: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly cache: string;
}

/** Where things lie; touches nothing. */
export function resolveHome(directory: string): Home {
  return {
    directory,
    state: join(directory, 'state.json'),
    logs: join(directory, 'logs'),
    postgres: join(directory, 'postgres'),
    temporal: join(directory, 'temporal'),
    cache: join(directory, 'cache'),
  };
}

/** Makes the folders, for this user only. Throws NarrowsError `home-not-writable` or `disk-full`. */
export function openHome(directory: string): Home {
  const home = resolveHome(directory);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // The umask may have taken rights away, or somebody have made the folder before us.
    if ((statSync(directory).mode & 0o777) !== 0o700) chmodSync(directory, 0o700);
    for (const folder of [home.logs, home.temporal, home.cache]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toHomeError(error, directory);
  }
  return home;
}

/** Bytes that may still be written below `directory`. */
export function readFreeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Two empty servers take about this much, with the logs that they begin with. */
const LEAST_FREE_BYTES = 200 * 2 ** 20;

/** Throws NarrowsError `disk-full` before the servers would, in words of their own. */
export function requireFreeSpace(directory: string): void {
  const free = readFreeBytes(directory);
  if (free < LEAST_FREE_BYTES) {
    throw diskFullError(directory, `${toMegabytes(free)} MB are free, ${toMegabytes(LEAST_FREE_BYTES)} MB are needed`);
  }
}

export const toMegabytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/** Replaces a file in one step, readable by this user only: a reader sees the old content or the new. */
export function writeAtomically(file: string, content: string | Uint8Array, mode = 0o600): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, content, { mode, flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw toHomeError(error, file);
  }
}

/** Error of a file operation below the home folder, in words that name the folder and the fix. */
export function toHomeError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFullError(path, 'no space left', error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new NarrowsError('home-not-writable', `${path} cannot be written (${code})`, {
      path,
      fix: 'set NARROWS_HOME to a folder that this user may write',
      kind: 'failure',
      cause: error,
    });
  }
  return error;
}

export function diskFullError(path: string, detail: string, cause?: unknown): NarrowsError {
  return new NarrowsError('disk-full', `the disk is full at ${path}: ${detail}`, {
    path,
    fix: 'free some space, or set NARROWS_HOME to a folder on another disk',
    kind: 'failure',
    cause,
  });
}
