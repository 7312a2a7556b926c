/**
 * The workflow bundle and the pages of this state of the code: each home folder would build them
 * anew.
 */
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

/** Path of the workflow bundle, built where this state of the code has none yet. */
export const sharedWorkflowBundle = (): Promise<string> => ensureWorkflowBundle(folder());

/**
 * Builds what is missing and forgets what is older than a day; returns variables for the processes
 * of tests.
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

/**
 * Copies the builds into the cache of a home folder that has yet to be used. Without test/run.ts
 * there are none to copy.
 */
export function seedHome(directory: string): void {
  const builds = process.env[VARIABLE]?.split(':') ?? [];
  if (builds.length === 0) return;
  const { cache } = openHome(directory);
  for (const build of builds) cpSync(build, join(cache, basename(build)), { recursive: true });
}
