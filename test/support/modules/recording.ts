/** Records the modules that a process loads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Recording {
  /** Option of Node with which the process is to be started. */
  readonly flag: string;
  /** Returns the files of packages that have been loaded, below node_modules. */
  files(): string[];
  /** Returns the names of their packages, sorted. */
  packages(): string[];
}

/** Records the modules of one process in a file in `folder`. */
export function recordModules(folder: string): Recording {
  const list = join(folder, 'modules.txt');
  writeFileSync(list, '');
  const recorder = new URL('./record.ts', import.meta.url);
  recorder.searchParams.set('to', list);
  const files = () =>
    readFileSync(list, 'utf8')
      .split('\n')
      .flatMap((url) => /\/node_modules\/(.+)$/.exec(url)?.[1] ?? []);
  return {
    flag: `--import=${recorder.href}`,
    files,
    packages: () => [...new Set(files().map((file) => /^(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? ''))].sort(),
  };
}
