/** Folders of boxes: private, and removed even where the processes that used them were killed. */
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { withDiskErrors } from '../files/scratch.ts';

/** Process ids count within a machine, and several may share a disk. */
const MACHINE = hash('sha256', hostname()).slice(0, 8);

const NAME = /^box-([0-9a-f]{8})-(\d+)-/;

/** Folders of other machines are left behind when they are older. */
const STALE_MILLISECONDS = 24 * 3600 * 1000;

/**
 * Creates a folder below `directory`, and removes those that were left there until it is disposed
 * of. Throws NarrowsError `disk-full`, `not-writable`.
 */
export const openBoxFolder = (directory: string): Promise<AsyncDisposable & { readonly path: string }> =>
  withDiskErrors(directory, async () => {
    // Without waiting for a thread: the process of the box starts next, before anything else.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = mkdtempSync(join(directory, `box-${MACHINE}-${process.pid}-`));
    // Some other process may remove them as well.
    const removing = removeLeftFolders(directory).catch(() => {});
    return {
      path,
      async [Symbol.asyncDispose]() {
        await Promise.all([rm(path, { recursive: true, force: true }), removing]);
      },
    };
  });

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
