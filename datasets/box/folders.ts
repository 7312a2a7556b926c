/** Folders of boxes: private, and removed even where the processes that used them were killed. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { diskErrorOf } from '../files/scratch.ts';

/** Process ids count within a machine, and several may share a disk. */
const MACHINE = hostname()
  .replace(/[^a-z0-9.]/gi, '_')
  .slice(0, 64);

const NAME = /^box-([a-z0-9._]+)-(\d+)-/i;

/** Folders of other machines are left behind when they are older. */
const STALE_MILLISECONDS = 24 * 3600 * 1000;

/**
 * Creates a folder below `directory`, and removes those that were left there until it is disposed
 * of. Throws NarrowsError `disk-full`, `not-writable`.
 */
export function openBoxFolder(directory: string): AsyncDisposable & { readonly path: string } {
  const path = createFolder(directory);
  // Some other process may remove them as well.
  const removing = removeLeftFolders(directory).catch(() => {});
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Promise.all([rm(path, { recursive: true, force: true }), removing]);
    },
  };
}

/** Without waiting: the process of the box starts next, before anything else. */
function createFolder(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(directory, `box-${MACHINE}-${process.pid}-`));
  } catch (error) {
    throw diskErrorOf(error, directory);
  }
}

async function removeLeftFolders(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, machine, pid] = NAME.exec(name) ?? [];
    if (machine === undefined) continue;
    const path = join(directory, name);
    const isLeft = machine === MACHINE ? !isRunning(Number(pid)) : await isStale(path);
    if (isLeft) await rm(path, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > STALE_MILLISECONDS;
}
