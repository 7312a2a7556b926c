/** Workflows in one file: shipped with the package, in the checkout built per state of the code. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CODE_ROOT, hashSources } from '../code-version.ts';
import { requirePrivate } from '../ownership.ts';
import { runBuild } from '../processes/build.ts';
import { resolveEntry } from '../processes/entry.ts';
import { openUserCache, type UserCache } from '../user-cache.ts';

/** Folders that the bundle contains; a test asserts that it contains no other code of ours. */
const WORKFLOW_FOLDERS = ['models', 'search', 'workflows'] as const;

/** File of the published package. */
const SHIPPED_BUNDLE = join(CODE_ROOT, 'workflow-bundle.js');

/**
 * Returns the shipped bundle, or the one in this user's cache, which is built if absent. Throws
 * NarrowsError `not-private`, `cache-not-writable`.
 */
export async function ensureWorkflowBundle(cache: UserCache): Promise<string> {
  if (existsSync(SHIPPED_BUNDLE)) return SHIPPED_BUNDLE;
  const file = join(openUserCache(cache, 'builds'), `workflows-${hashBundleSources()}.js`);
  if (!existsSync(file)) await runBuild('workflow-bundle', file);
  requirePrivate(file);
  return file;
}

/** Returns a key that changes with the sources, with the build and with the SDK. */
function hashBundleSources(): string {
  const sdk = createRequire(import.meta.url).resolve('@temporalio/workflow/package.json');
  const hash = createHash('sha256').update(hashSources(WORKFLOW_FOLDERS));
  for (const file of [resolveEntry('workflow-bundle'), sdk]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
