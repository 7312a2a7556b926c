/** NARROWS_HOME, the private folder of the embedded servers. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isDiskFull, NarrowsError } from '../errors.ts';
import { readEnvironment } from './env.ts';
import { isForeign, isWritableByOthers } from './ownership.ts';

export interface Home {
  readonly directory: string;
  /** File of the running processes, their addresses and pids. */
  readonly state: string;
  readonly logs: string;
  readonly postgres: string;
  readonly temporal: string;
  readonly cache: string;
}

/** Returns the paths in a home folder without access to the disk. */
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

/** Returns the folder of a command's temporary files, on the disk of the home folder. */
export const scratchFolder = (): string => resolveHome(readEnvironment().home).cache;

/**
 * Creates the folders, private to this user. Throws `home-not-writable`, `home-not-private`,
 * `disk-full`.
 */
export function openHome(directory: string): Home {
  const home = resolveHome(directory);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    requireOwnHome(home);
    // The umask may have removed permissions, or others could read the folder before.
    if ((statSync(directory).mode & 0o777) !== 0o700) chmodSync(directory, 0o700);
    for (const folder of [home.logs, home.temporal, home.cache]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toHomeError(error, directory);
  }
  return home;
}

/**
 * Throws NarrowsError `home-not-private` where another user may have put files into the folder. Its
 * rights are not changed then: it may be a shared folder such as /tmp.
 */
function requireOwnHome({ directory, postgres }: Home): void {
  for (const path of [directory, ...readdirSync(directory).map((name) => join(directory, name))]) {
    const found = path === directory ? statSync(path) : lstatSync(path, { throwIfNoEntry: false });
    if (!found) continue;
    // Postgres, which root cannot run, has a user of its own.
    const isOfServer = process.getuid?.() === 0 && path.startsWith(postgres);
    const reason =
      isForeign(found) && !isOfServer
        ? 'belongs to another user'
        : isWritableByOthers(found)
          ? 'can be written by other users'
          : null;
    if (reason === null) continue;
    throw new NarrowsError('home-not-private', `${path} ${reason}: a home folder is for one user`, {
      path,
      fix: 'set NARROWS_HOME to a folder of your own; or, if all in it is yours, take the right to write from others (chmod go-w)',
      kind: 'failure',
    });
  }
}

/**
 * Returns the rights of a home folder, which is not changed; null if it is yet to be created.
 * Throws as openHome does.
 */
export function inspectHome(directory: string): number | null {
  try {
    const found = statSync(directory, { throwIfNoEntry: false });
    accessSync(found ? directory : findFolderAbove(directory), constants.W_OK | constants.X_OK);
    if (!found) return null;
    requireOwnHome(resolveHome(directory));
    return found.mode & 0o777;
  } catch (error) {
    throw toHomeError(error, directory);
  }
}

/** Returns the nearest folder on the way up that exists. */
export function findFolderAbove(path: string): string {
  const above = dirname(path);
  return lstatSync(above, { throwIfNoEntry: false }) ? realpathSync(`${above}/`) : findFolderAbove(above);
}

/** Returns the free bytes of the disk that holds `directory`. */
export function readFreeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Approximate size of two empty servers with their first logs. */
const LEAST_FREE_BYTES = 200 * 2 ** 20;

/** Throws NarrowsError `disk-full` where the servers would not have enough space to start. */
export function requireFreeSpace(directory: string): void {
  const free = readFreeBytes(directory);
  if (free < LEAST_FREE_BYTES) {
    throw diskFullError(directory, `${toMegabytes(free)} MB are free, ${toMegabytes(LEAST_FREE_BYTES)} MB are needed`);
  }
}

export const toMegabytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/** Replaces a file atomically, readable by this user only. */
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

/** Converts an error of a file operation into one with path and fix; returns others unchanged. */
export function toHomeError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (isDiskFull(error)) return diskFullError(path, 'no space left', error);
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
