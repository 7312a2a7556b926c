/** The workflows as one file for the workers: built once per state of the code, which takes a second, and shipped with the package. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CODE_ROOT, hashSources } from '../code-version.ts';
import { selectExternalVariables } from '../env.ts';
import { resolveEntry } from '../processes/entry.ts';

const execFileAsync = promisify(execFile);

/** What workflows are made of: a test holds that the bundle has nothing else of ours. */
const WORKFLOW_FOLDERS = ['models', 'search', 'workflows'] as const;

/** Beside the compiled code in the published package. */
export const SHIPPED_BUNDLE = join(CODE_ROOT, 'workflow-bundle.js');

/** Path of the bundle: the shipped one, the one in `cacheDirectory`, or a new one there. */
export async function ensureWorkflowBundle(cacheDirectory: string): Promise<string> {
  if (existsSync(SHIPPED_BUNDLE)) return SHIPPED_BUNDLE;
  const file = join(cacheDirectory, `workflows-${hashBundleSources()}.js`);
  if (existsSync(file)) return file;
  mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 });
  // The bundler takes 200 MB that it does not give back: a process of its own does.
  await execFileAsync(process.execPath, [resolveEntry('workflow-bundle'), file], { env: selectExternalVariables() });
  return file;
}

/** Changes with our code and with the SDK's. */
function hashBundleSources(): string {
  const sdk = createRequire(import.meta.url).resolve('@temporalio/workflow/package.json');
  return createHash('sha256').update(hashSources(WORKFLOW_FOLDERS)).update(readFileSync(sdk)).digest('hex').slice(0, 16);
}
