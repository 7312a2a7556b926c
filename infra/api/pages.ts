/** Files of the pages: shipped with the package, in the checkout built per state of the code. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import { CODE_ROOT, hashSources } from '../code-version.ts';
import { requirePrivate } from '../ownership.ts';
import { runBuild } from '../processes/build.ts';
import { openUserCache, type UserCache } from '../user-cache.ts';

/** Sources of the pages, on which the build depends. */
export const PAGE_FOLDERS = ['dashboards/contract', 'dashboards/web', 'figures', 'models', 'search', 'text'] as const;
export const PAGE_FILES = ['db/enums.ts', 'errors.ts', 'package-lock.json'] as const;

/** Folder of the published package. */
const SHIPPED_PAGES = join(CODE_ROOT, 'pages');

/** Builds the pages on first use, once; a failed build is tried again. */
export function createPageBuilder(cache: UserCache): { folder(): Promise<string> } {
  let known: Promise<string> | null = null;
  return {
    folder() {
      known ??= ensurePagesFolder(cache).catch((error) => {
        known = null;
        throw error;
      });
      return known;
    },
  };
}

/**
 * Returns the shipped folder, or the one in this user's cache, which is built if absent. Throws
 * NarrowsError `pages-failed`, `not-private`, `cache-not-writable`.
 */
export async function ensurePagesFolder(cache: UserCache): Promise<string> {
  if (existsSync(SHIPPED_PAGES)) return SHIPPED_PAGES;
  const folder = join(openUserCache(cache, 'builds'), `pages-${hashPageSources()}`);
  if (existsSync(folder)) {
    requirePrivate(folder);
    return folder;
  }
  const draft = `${folder}.${randomBytes(6).toString('hex')}`;
  try {
    await runBuild('pages', draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process finished the same build first.
    if (existsSync(folder)) return folder;
    const reason = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new NarrowsError('pages-failed', `the pages cannot be built: ${reason.slice(0, 2000)}`, {
      kind: 'failure',
      cause: error,
    });
  }
  return folder;
}

/** Returns a key that changes with the sources and with the libraries of the build. */
function hashPageSources(): string {
  const hash = createHash('sha256').update(hashSources(PAGE_FOLDERS, /./));
  for (const file of PAGE_FILES) hash.update(readFileSync(join(CODE_ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}
