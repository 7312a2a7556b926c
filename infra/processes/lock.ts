/**
 * Lock of a home folder: one supervisor at a time among all who share the file system.
 *
 * The kernel keeps the lock, as SQLite's lock of an empty file: it ends with its process, however
 * that ends, and excludes other containers and, on a shared file system with locks, other hosts.
 * `supervisor.json` names the holder, for messages and for what a crash leaves behind.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, readlinkSync, rmSync, statfsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { NarrowsError } from '../../errors.ts';
import { toHomeError, writeAtomically } from '../home.ts';
import { identifyProcess, isAlive, processIdentitySchema } from './identity.ts';

const lockHolderSchema = processIdentitySchema.extend({
  host: z.string(),
  /** Boot of the kernel and pid namespace, outside of which the pid means nothing. */
  boot: z.string(),
  namespace: z.string(),
  /** Identity of the locked file, which a copy of the folder does not share. */
  lock: z.string(),
});

export type LockHolder = z.infer<typeof lockHolderSchema>;

export interface Lock {
  readonly holder: LockHolder;
  /** The holder before this one was killed in another container of this machine. */
  readonly crashedElsewhere: boolean;
  /** Returns false once the folder has been removed, moved or replaced. */
  isHeld(): boolean;
  release(): void;
}

/** Time for another process to write its name after it took the lock. */
const NAMING_MILLISECONDS = 3000;
const POLL_MILLISECONDS = 50;

/**
 * Acquires the lock of `directory`, or returns null if a living process of this container holds it.
 * Throws NarrowsError `home-held` where the holder, or the last one, cannot be seen from here;
 * `home-not-writable`, `home-not-lockable`.
 */
export async function acquireLock(directory: string): Promise<Lock | null> {
  const deadline = performance.now() + NAMING_MILLISECONDS;
  for (;;) {
    const database = lockFile(directory);
    const last = readHolder(directory);
    if (database) return hold(directory, database, last);
    if (last && isLocal(last) && isAlive(last)) return null;
    if (performance.now() > deadline) throw homeHeldError(directory, last);
    await setTimeout(POLL_MILLISECONDS);
  }
}

/** Returns the process that holds the lock now; null if there is none. */
export function findLockHolder(directory: string): LockHolder | null {
  const holder = readHolder(directory);
  if (!holder) return null;
  if (isLocal(holder)) return holder.lock === identifyLock(directory) && isAlive(holder) ? holder : null;
  const database = lockFile(directory);
  database?.close();
  return database ? null : holder;
}

/** Returns whether the holder's pid has a meaning here. */
export const isLocal = ({ boot, namespace }: LockHolder): boolean => boot === readBoot() && namespace === readNamespace();

/** Returns identity of the lock in `directory`; null where the folder has none. */
export function identifyLock(directory: string): string | null {
  const file = statSync(pathOf(directory), { throwIfNoEntry: false });
  return file ? `${file.dev}:${file.ino}` : null;
}

/** Error of a folder that is, or may be, in use by a process outside this container or host. */
export function homeHeldError(directory: string, holder: LockHolder | null): NarrowsError {
  const who = holder
    ? `process ${holder.pid} on ${holder.host}${holder.host === hostname() ? ', in another container' : ''}`
    : 'a process that cannot be seen from here';
  return new NarrowsError('home-held', `${directory} is in use by ${who}`, {
    path: directory,
    fix:
      `run the command there, or set NARROWS_HOME to another folder; ` +
      `if that container or machine is gone, remove ${recordOf(directory)}`,
    kind: 'unreachable',
  });
}

const pathOf = (directory: string): string => join(directory, 'supervisor.lock');
const recordOf = (directory: string): string => join(directory, 'supervisor.json');

/** Makes this process the holder. Closes `database` and throws where the last one may yet live. */
function hold(directory: string, database: DatabaseSync, last: LockHolder | null): Lock {
  try {
    const identity = identifyProcess(process.pid);
    const lock = identifyLock(directory);
    if (!identity || lock === null) throw new Error('this process or its lock cannot be identified');
    // A record with another lock came with a copy of the folder.
    const crashed = last?.lock === lock ? last : null;
    if (crashed && mayLiveElsewhere(crashed, directory)) throw homeHeldError(directory, crashed);
    const holder = { ...identity, host: hostname(), boot: readBoot(), namespace: readNamespace(), lock };
    writeAtomically(recordOf(directory), `${JSON.stringify(holder)}\n`);
    const isHeld = () => identifyLock(directory) === lock;
    return {
      holder,
      crashedElsewhere: crashed?.boot === holder.boot && crashed.namespace !== holder.namespace,
      isHeld,
      release() {
        if (isHeld()) rmSync(recordOf(directory), { force: true });
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Magic numbers of statfs(2) of one machine: ext, XFS, Btrfs, overlay, tmpfs, ZFS, F2FS. */
const LOCAL_FILE_SYSTEMS: readonly number[] = [0xef53, 0x58465342, 0x9123683e, 0x794c7630, 0x01021994, 0x2fc12fc1, 0xf2f52010];

/** Another host's locks may be lost while its processes live on, e.g. when its network was away. */
function mayLiveElsewhere({ boot, host }: LockHolder, directory: string): boolean {
  if (boot === readBoot() || host === hostname()) return false; // seen by this kernel, or ended by a reboot
  return !LOCAL_FILE_SYSTEMS.includes(statfsSync(directory).type);
}

const SQLITE_BUSY = 5;

/** Locks the file until it is closed; null where another process has locked it. */
function lockFile(directory: string): DatabaseSync | null {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(pathOf(directory));
    database.exec('pragma journal_mode = memory; begin exclusive');
    return database;
  } catch (error) {
    database?.close();
    const { errcode = 0, message } = error as Error & { readonly errcode?: number };
    if ((errcode & 0xff) === SQLITE_BUSY) return null;
    requireWritable(directory);
    throw new NarrowsError('home-not-lockable', `${directory} cannot be locked: ${message}`, {
      path: directory,
      fix: 'set NARROWS_HOME to a folder on a disk of this machine',
      kind: 'failure',
      cause: error,
    });
  }
}

function requireWritable(directory: string): void {
  try {
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw toHomeError(error, directory);
  }
}

function readHolder(directory: string): LockHolder | null {
  try {
    return lockHolderSchema.parse(JSON.parse(readFileSync(recordOf(directory), 'utf8')));
  } catch {
    return null;
  }
}

let boot: string | null = null;

/** Returns a name of this boot of the kernel, the same in all containers of a machine. */
function readBoot(): string {
  boot ??= (
    process.platform === 'linux'
      ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
      : execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'latin1' })
  ).trim();
  return boot;
}

const readNamespace = (): string => (process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '');
