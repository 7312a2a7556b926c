/** Patterns of files, one file per structure or spectrum: `spectra/*.dat`. */
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

export interface MatchedFile {
  /** Relative to the folder, with slashes. */
  readonly file: string;
  /** The text in place of the wildcards, joined by slashes. */
  readonly name: string;
}

export const isPattern = (file: string): boolean => file.includes('*');

/** Numbers within names count as numbers: run2 before run10. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** Returns the files of a pattern in natural order of their names; `*` does not match a slash. */
export async function findFiles(directory: string, pattern: string): Promise<MatchedFile[]> {
  const found = await matchSegments(directory, posix.normalize(pattern).split('/'), []);
  return found
    .map(({ parts, wild }): MatchedFile => ({ file: parts.join('/'), name: wild.join('/') }))
    .sort((a, b) => NATURAL.compare(a.name, b.name) || (a.file < b.file ? -1 : 1));
}

interface Match {
  readonly parts: readonly string[];
  readonly wild: readonly string[];
}

async function matchSegments(
  directory: string,
  [segment, ...rest]: readonly string[],
  parts: readonly string[],
): Promise<Match[]> {
  if (segment === undefined) return [{ parts, wild: [] }];
  const wanted = new RegExp(`^${segment.split('*').map(escapeSigns).join('(.*)')}$`, 's');
  const entries = await readdir(join(directory, ...parts), { withFileTypes: true }).catch(() => []);
  const matches: Match[] = [];
  for (const entry of entries) {
    const wild = wanted.exec(entry.name)?.slice(1);
    if (wild === undefined || (entry.name.startsWith('.') && !segment.startsWith('.'))) continue;
    // A link may lead to a folder.
    if (rest.length > 0 ? entry.isFile() : entry.isDirectory()) continue;
    for (const match of await matchSegments(directory, rest, [...parts, entry.name])) {
      matches.push({ ...match, wild: [...wild, ...match.wild] });
    }
  }
  return matches;
}

const escapeSigns = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
