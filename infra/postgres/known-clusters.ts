/**
 * Clusters that this user may start. The user who made a cluster can have it run programs (its
 * settings name some, and its functions run as the superuser), so one that came with a checkout is
 * refused.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import type { Home } from '../home.ts';
import { openUserCache, type UserCache, userCacheFolder } from '../user-cache.ts';
import { passwordFile } from './passwords.ts';

/** Records that this user made the cluster, or vouches for it. */
export function recordCluster(home: Home, cache: UserCache): void {
  try {
    openUserCache(cache, 'clusters');
    writeFileSync(recordOf(home, cache), '', { mode: 0o600 });
  } catch {
    // Without a cache of this user, the cluster's own files have to show where it was written.
  }
}

/** Throws NarrowsError `home-unknown` for a cluster that was not made here. */
export function requireKnownCluster(home: Home, cache: UserCache): void {
  if (existsSync(recordOf(home, cache))) return;
  if (!wasWrittenHere(join(home.postgres, 'global', 'pg_control'))) throw unknownClusterError(home);
  recordCluster(home, cache);
}

/** Named by the cluster's password, 24 random bytes: it is the same where the folder was moved. */
const recordOf = (home: Home, cache: UserCache): string => {
  const password = readFileSync(passwordFile(home, 'superuser'));
  return join(userCacheFolder(cache, 'clusters'), createHash('sha256').update(password).digest('hex'));
};

/** Longer than a checkout takes to write a file. */
const WRITTEN_AFTER_MILLISECONDS = 10_000;

/**
 * Whether this machine changed the file after it had created it, as servers do with every
 * checkpoint. Files of a checkout are written once, and those of an archive were changed before.
 */
function wasWrittenHere(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found || found.birthtimeMs <= 0 || found.mtimeMs > Date.now()) return false;
  return found.mtimeMs - found.birthtimeMs > WRITTEN_AFTER_MILLISECONDS;
}

const unknownClusterError = ({ directory, postgres }: Home): NarrowsError =>
  new NarrowsError('home-unknown', `${postgres} was not made by this user on this machine, and a database can run programs`, {
    path: postgres,
    fix:
      'if it is yours, e.g. restored from a backup, run "narrows up --trust" once; ' +
      `if it came with a checkout, remove ${directory} or set NARROWS_HOME to another folder`,
    kind: 'failure',
  });
