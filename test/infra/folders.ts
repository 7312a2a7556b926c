import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Environment, readEnvironment } from '../../infra/env.ts';

/** Creates an empty private folder, deleted after the test. */
export function temporaryFolder(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-infra-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Returns this machine's environment without external servers, with a home folder in `folder`. */
export function environmentIn(folder: string, changes: Partial<Environment> = {}): Environment {
  const { PATH, HOME, XDG_CACHE_HOME, NARROWS_TEMPORAL_CLI } = process.env;
  const variables = { PATH, HOME, XDG_CACHE_HOME, NARROWS_TEMPORAL_CLI, NARROWS_HOME: join(folder, 'home') };
  return { ...readEnvironment(variables, folder), ...changes };
}
