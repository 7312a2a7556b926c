import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';

interface ModuleOptions {
  readonly errors: 'pipe' | 'ignore';
  /** In a session of its own Ctrl-C reaches only the parent. */
  readonly ownSession: boolean;
}

/** Starts the process whose module has this name in this folder; `flags` are options of Node. */
export function startModule(name: string, flags: readonly string[], { errors, ownSession }: ModuleOptions): ChildProcess {
  const cache = getCompileCacheDir();
  // TypeScript in the checkout, JavaScript in the published package.
  return fork(fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)), {
    execArgv: [...flags],
    // No secret of this process; its cache of compiled code has a folder for each version of Node.
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', errors, 'ipc'],
    detached: ownSession,
  });
}
