/** Cache of this user, shared by all projects: what narrows runs and serves without shipping it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NarrowsError } from '../errors.ts';
import type { Environment } from './env.ts';
import { requirePrivate } from './ownership.ts';

export type UserCache = Pick<Environment, 'userCache'>;

/** Parts of the cache: programs that were downloaded, builds of a checkout, records of clusters. */
type Part = 'temporal-cli' | 'builds' | 'clusters';

export const userCacheFolder = ({ userCache }: UserCache, part: Part): string => join(userCache, part);

/**
 * Creates a folder of the cache where it is absent. Nothing that is run comes from a project's home
 * folder, which a checkout may bring. Throws NarrowsError `not-private`, `cache-not-writable`.
 */
export function openUserCache(cache: UserCache, part: Part): string {
  const folder = userCacheFolder(cache, part);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NarrowsError('cache-not-writable', `${folder} cannot be created (${code})`, {
      path: folder,
      fix: 'set XDG_CACHE_HOME to a folder that only you can write; programs of a project folder are not run',
      kind: 'failure',
      cause: error,
    });
  }
  requirePrivate(folder);
  return folder;
}
