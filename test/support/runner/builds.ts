/** Builds the workflow bundle and the pages of the checkout once, in the cache of this user. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePagesFolder } from '../../../infra/api/pages.ts';
import { readEnvironment } from '../../../infra/env.ts';
import { ensureWorkflowBundle } from '../../../infra/temporal/workflow-bundle.ts';
import { openUserCache } from '../../../infra/user-cache.ts';

const WEEK_MS = 7 * 86_400_000;

/** Returns the path of the workflow bundle, built where the current code has none yet. */
export const sharedWorkflowBundle = (): Promise<string> => ensureWorkflowBundle(readEnvironment());

/** Builds what is missing, and deletes builds older than a week. */
export async function buildOnce(): Promise<void> {
  const environment = readEnvironment();
  const folder = openUserCache(environment, 'builds');
  for (const name of readdirSync(folder)) {
    if (Date.now() - statSync(join(folder, name)).mtimeMs > WEEK_MS) rmSync(join(folder, name), { recursive: true, force: true });
  }
  await Promise.all([ensureWorkflowBundle(environment), ensurePagesFolder(environment)]);
}
