/** Results of long benchmarks, kept in a file of JSON lines, so that an interrupted one goes on. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Opens a store of entries by key. Without a file it is in memory alone. `parse` checks a line of
 * the file.
 */
export function openLineStore<Entry extends object>(
  file: string | undefined,
  keyOf: (entry: Entry) => string,
  parse: (line: unknown) => Entry,
) {
  const text = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  // An interruption may have cut the last line.
  if (file !== undefined && whole !== text) writeFileSync(file, whole);
  const lines = whole.split('\n').filter((line) => line !== '');
  const byKey = new Map(lines.map((line) => parse(JSON.parse(line))).map((entry) => [keyOf(entry), entry]));
  return {
    find: (key: string) => byKey.get(key),
    add(entries: readonly Entry[]): void {
      if (file !== undefined) appendFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      for (const entry of entries) byKey.set(keyOf(entry), entry);
    },
  };
}
