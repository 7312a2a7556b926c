/** Lock of a home folder: one supervisor at a time, also after crashes and reboots. */
import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHomeError } from '../home.ts';
import { identifyProcess, isAlive, type ProcessIdentity, processIdentitySchema } from './identity.ts';

export interface Lock {
  release(): void;
}

const NAME = /^supervisor\.lock\.(\d+)$/;
const RELEASED = 'released\n';

/**
 * Acquires the lock of `directory`, or returns null if a living process holds it.
 *
 * A lock is a numbered file that names its holder; the highest number counts. A process that finds
 * the holder dead creates the next number with link(2), which succeeds for only one process. A
 * stale file is removed only after a newer one exists, so that two processes never hold the lock.
 */
export function acquireLock(directory: string): Lock | null {
  const self = identifyProcess(process.pid);
  if (!self) throw new Error('this process cannot be identified');
  const draft = join(directory, `supervisor.draft.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(draft, JSON.stringify(self), { mode: 0o600, flush: true });
    for (;;) {
      const newest = findNewestNumber(directory);
      if (newest > 0 && readHolder(directory, newest)) return null;
      const mine = lockFile(directory, newest + 1);
      try {
        linkSync(draft, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      if (findNewestNumber(directory) > newest + 1) {
        // Meanwhile another process acquired and released this number, and a third holds the next.
        rmSync(mine, { force: true });
        continue;
      }
      if (newest > 0) rmSync(lockFile(directory, newest), { force: true });
      return { release: () => writeFileSync(mine, RELEASED) };
    }
  } catch (error) {
    throw toHomeError(error, directory);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Returns the living process that holds the lock; null if there is none. */
export function findLockHolder(directory: string): ProcessIdentity | null {
  const newest = findNewestNumber(directory);
  return newest === 0 ? null : readHolder(directory, newest);
}

const lockFile = (directory: string, number: number): string => join(directory, `supervisor.lock.${number}`);

function findNewestNumber(directory: string): number {
  try {
    return Math.max(0, ...readdirSync(directory).map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
  } catch {
    return 0;
  }
}

function readHolder(directory: string, number: number): ProcessIdentity | null {
  try {
    const holder = processIdentitySchema.parse(JSON.parse(readFileSync(lockFile(directory, number), 'utf8')));
    return isAlive(holder) ? holder : null;
  } catch {
    return null; // released, cut short by a crash, or just replaced by a newer one
  }
}
