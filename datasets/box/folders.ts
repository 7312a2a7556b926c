/** Folders of boxes: private, and removed even where the processes that used them were killed. */
import { mkdir, mkdtempDisposable, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '../../platform.ts';
import { withDiskErrors } from '../files/scratch.ts';

/** Process ids count within a machine, and several may share a disk. */
const MACHINE = sha256Of(hostname()).slice(0, 8);

const NAME = /^box-([0-9a-f]{8})-(\d+)-/;

/** Folders of other machines are left behind when they are older. */
const STALE_MILLISECONDS = 24 * 3600 * 1000;

/** Creates a folder below `directory`. Throws NarrowsError `disk-full`, `not-writable`. */
export const openBoxFolder = (directory: string): Promise<AsyncDisposable & { readonly path: string }> =>
  withDiskErrors(directory, async () => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await removeLeftFolders(directory);
    return mkdtempDisposable(join(directory, `box-${MACHINE}-${process.pid}-`));
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
