/** Records the modules that a process loads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Recording {
  /** Option of Node with which the process is to be started. */
  readonly flag: string;
  /** Returns the addresses of the modules, in the order in which they were loaded. */
  modules(): string[];
  /** Returns the names of the packages that they belong to, sorted. */
  packages(): string[];
}

/** Records the modules of one process in a file in `folder`. */
export function recordModules(folder: string): Recording {
  const list = join(folder, 'modules.txt');
  writeFileSync(list, '');
  const recorder = new URL('./record.ts', import.meta.url);
  recorder.searchParams.set('to', list);
  const modules = () => readFileSync(list, 'utf8').trim().split('\n');
  const packageOf = (module: string) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? [];
  return {
    flag: `--import=${recorder.href}`,
    modules,
    packages: () => [...new Set(modules().flatMap(packageOf))].sort(),
  };
}
