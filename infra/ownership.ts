/** Files that nobody but this user, or root, can have put where they are. */
import { lstatSync, readFileSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { NarrowsError } from '../errors.ts';

const ROOT = 0;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/**
 * Throws NarrowsError `not-private` where another user owns `path` or a folder above it, or may
 * write it: then that user, too, decides what the file holds.
 */
export function requirePrivate(path: string): void {
  for (const place of new Set([...pathsAbove(path), ...pathsAbove(realpathSync(path))])) {
    const found = lstatSync(place);
    // In a sticky folder others may add entries, but not replace those of its owner.
    const isShared = isWritableByOthers(found) && !((found.mode & STICKY) !== 0 && place !== path);
    const reason = isForeign(found) ? 'belongs to another user' : isShared ? 'can be written by other users' : null;
    if (reason === null) continue;
    throw new NarrowsError('not-private', `${path} is not used: ${place} ${reason}, who may have put it there`, {
      path: place,
      fix: `remove ${path}, and make ${place} writable by its owner alone (chmod go-w); or set XDG_CACHE_HOME to a folder of your own`,
      kind: 'failure',
    });
  }
}

/** Whether another user than this one and root owns the file. */
export function isForeign({ uid }: Pick<Stats, 'uid'>, uidMap: string | null = readUidMap()): boolean {
  if (uid === ROOT || uid === process.getuid?.()) return false;
  // In a user namespace without root, as of many sandboxes, its files seem to be nobody's.
  return uid !== UNMAPPED || uidMap === null || mapsRoot(uidMap);
}

/** Uid that files of users outside a user namespace have in it. */
const UNMAPPED = 65_534;

/** Returns whether a map of lines 'first inside, first outside, count' has root inside. */
const mapsRoot = (uidMap: string): boolean =>
  uidMap.split('\n').some((line) => {
    const [first, , count] = line.trim().split(/\s+/).map(Number);
    return first === ROOT && count !== undefined && count > 0;
  });

/** Returns null where the system has no user namespaces. */
function readUidMap(): string | null {
  try {
    return readFileSync('/proc/self/uid_map', 'latin1');
  } catch {
    return null;
  }
}

/** Whether the rights of a file let others write it; a group of this user alone is not others. */
export function isWritableByOthers(found: Stats): boolean {
  if (found.isSymbolicLink()) return false; // it has no rights of its own
  if ((found.mode & OTHERS_WRITE) !== 0) return true;
  return (found.mode & GROUP_WRITES) !== 0 && !isPrivateGroup(found.gid);
}

function pathsAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...pathsAbove(above)];
}

/**
 * Returns whether this user is the only member of the group, as many systems create one for each
 * user. Groups of a directory service are not in these files, and count as shared.
 */
function isPrivateGroup(gid: number): boolean {
  const uid = String(process.getuid?.());
  try {
    const users = readTable('/etc/passwd').filter(([, , user, group]) => user === uid || group === String(gid));
    const names = users.filter(([, , user]) => user === uid).map(([name]) => name);
    const group = readTable('/etc/group').find(([, , id]) => id === String(gid));
    const members = group?.[3]?.split(',').filter((name) => name !== '');
    return users.every(([, , user]) => user === uid) && (members?.every((name) => names.includes(name)) ?? false);
  } catch {
    return false;
  }
}

const readTable = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
