/** How long each test file took when it last ran here: the longest begin first. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type Durations = Readonly<Record<string, number>>;

/** Rooms whose files take the longest, for a machine that has no durations yet. */
const LONG = ['test/contracts/', 'test/faults/', 'test/browser/', 'test/infra/'];

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

/**
 * Returns the files with the longest first; of files without a duration, those of the long rooms.
 */
export function longestFirst(files: readonly string[], durations: Durations): string[] {
  const expected = (file: string): number => {
    const room = LONG.findIndex((folder) => file.startsWith(folder));
    return durations[file] ?? (room < 0 ? 0 : 1e6 - room);
  };
  return files.toSorted((a, b) => expected(b) - expected(a) || a.localeCompare(b));
}
