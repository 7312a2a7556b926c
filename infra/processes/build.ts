/** Builds of the checkout, each in a process of its own, whose end frees its memory. */
import { execFile } from 'node:child_process';
import { mkdtempDisposableSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { CODE_ROOT } from '../code-version.ts';
import { selectExternalVariables } from '../env.ts';
import { resolveEntry } from './entry.ts';

const execFileAsync = promisify(execFile);

/** Characters with a meaning in webpack's and Vite's addresses of modules. */
const UNSAFE = /[!#?%]/;

/** Runs the entry that builds `target`. Throws with the output of the build. */
export async function runBuild(name: 'pages' | 'workflow-bundle', target: string): Promise<void> {
  using folder = UNSAFE.test(CODE_ROOT) ? mkdtempDisposableSync(join(tmpdir(), 'narrows-build-')) : null;
  const root = folder ? join(folder.path, 'code') : CODE_ROOT;
  if (folder) symlinkSync(CODE_ROOT, root);
  const flags = folder ? ['--preserve-symlinks', '--preserve-symlinks-main'] : [];
  const entry = join(root, relative(CODE_ROOT, resolveEntry(name)));
  await execFileAsync(process.execPath, [...flags, entry, target], { env: selectExternalVariables() });
}
