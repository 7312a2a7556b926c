/** Records the last duration of each test file, so that the longest start first. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type Durations = Readonly<Record<string, number>>;

/** Folders whose files take the longest, for a machine without durations yet. */
const LONG_FOLDERS = ['test/contracts/', 'test/faults/', 'test/browser/', 'test/infra/'];

export function readDurations(file: string): Durations {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Durations;
  } catch {
    return {};
  }
}

export function writeDurations(file: string, durations: Durations): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(durations));
}

/** Sorts files longest first; without durations, files of LONG_FOLDERS count as the longest. */
export function longestFirst(files: readonly string[], durations: Durations): string[] {
  const expected = (file: string): number => {
    const rank = LONG_FOLDERS.findIndex((folder) => file.startsWith(folder));
    return durations[file] ?? (rank < 0 ? 0 : 1e6 - rank);
  };
  return files.toSorted((a, b) => expected(b) - expected(a) || a.localeCompare(b));
}
