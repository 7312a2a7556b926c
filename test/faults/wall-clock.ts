/** Clocks of processes that can be set without the right to set the machine's, see wall-clock.c. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WallClocks {
  /** Returns the variables of a process that reads the clock of this name. */
  variablesOf(name: string): Readonly<Record<string, string>>;
  /** Sets the clock so many seconds ahead of the machine's, or behind; processes see it at once. */
  set(name: string, seconds: number): void;
}

/** Builds the library into the folder; returns null where this machine has no C compiler. */
export function buildWallClocks(folder: string, names: readonly string[]): WallClocks | null {
  mkdirSync(folder);
  const library = join(folder, 'wall-clock.so');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, fileURLToPath(new URL('wall-clock.c', import.meta.url))], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  const fileOf = (name: string) => join(folder, name);
  // In place: processes have the file mapped.
  const set = (name: string, seconds: number) =>
    writeFileSync(fileOf(name), new BigInt64Array([BigInt(seconds)]), { flag: 'r+', flush: true });
  for (const name of names) {
    writeFileSync(fileOf(name), '');
    set(name, 0);
  }
  return { variablesOf: (name) => ({ LD_PRELOAD: library, WALL_CLOCK: fileOf(name) }), set };
}
