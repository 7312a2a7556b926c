/** Shares the workflow bundle and the pages between tests; each home folder would rebuild them. */
import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensurePagesFolder } from '../../../infra/api/pages.ts';
import { readEnvironment } from '../../../infra/env.ts';
import { openHome } from '../../../infra/home.ts';
import { ensureWorkflowBundle } from '../../../infra/temporal/workflow-bundle.ts';

const DAY_MS = 86_400_000;

/** Names the variable with the paths of the builds that test/run.ts has made. */
const VARIABLE = 'NARROWS_TEST_BUILDS';

const folder = (): string => join(readEnvironment().userCache, 'test-builds');

/** Returns the path of the workflow bundle, built where the current code has none yet. */
export const sharedWorkflowBundle = (): Promise<string> => ensureWorkflowBundle(folder());

/**
 * Builds what is missing and deletes builds older than a day. Returns environment variables for the
 * test processes.
 */
export async function buildOnce(): Promise<Record<string, string>> {
  const cache = folder();
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    if (Date.now() - statSync(join(cache, name)).mtimeMs > DAY_MS) rmSync(join(cache, name), { recursive: true, force: true });
  }
  const builds = await Promise.all([ensureWorkflowBundle(cache), ensurePagesFolder(cache)]);
  return { [VARIABLE]: builds.join(':') };
}

/** Copies the builds of test/run.ts, if any, into the cache of a new home folder. */
export function seedHome(directory: string): void {
  const builds = process.env[VARIABLE]?.split(':') ?? [];
  if (builds.length === 0) return;
  const { cache } = openHome(directory);
  for (const build of builds) cpSync(build, join(cache, basename(build)), { recursive: true });
}
