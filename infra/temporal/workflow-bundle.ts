/** The workflows as one file for the workers: built once per state of the code, which takes a second, and shipped with the package. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CODE_ROOT, sourcesHash } from '../code-version.ts';
import { bareVariables } from '../env.ts';
import { entryPath } from '../processes/entry.ts';

const execFileAsync = promisify(execFile);

/** What workflows are made of: a test holds that the bundle has nothing else of ours. */
const PARTS = ['models', 'search', 'workflows'] as const;

/** Beside the compiled code in the published package. */
export const SHIPPED_BUNDLE = join(CODE_ROOT, 'workflow-bundle.js');

/** Path of the bundle: the shipped one, the one in `cacheDirectory`, or a new one there. */
export async function workflowBundle(cacheDirectory: string): Promise<string> {
  if (existsSync(SHIPPED_BUNDLE)) return SHIPPED_BUNDLE;
  const file = join(cacheDirectory, `workflows-${bundleKey()}.js`);
  if (existsSync(file)) return file;
  mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 });
  // The bundler takes 200 MB that it does not give back: a process of its own does.
  await execFileAsync(process.execPath, [entryPath('workflow-bundle'), file], { env: bareVariables() });
  return file;
}

/** Changes with our code and with the SDK's. */
function bundleKey(): string {
  const sdk = createRequire(import.meta.url).resolve('@temporalio/workflow/package.json');
  return createHash('sha256').update(sourcesHash(PARTS)).update(readFileSync(sdk)).digest('hex').slice(0, 16);
}
