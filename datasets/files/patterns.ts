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
  return sortMatches(await matchSegments(directory, posix.normalize(pattern).split('/'), []));
}

/** As findFiles, among these names. */
export function matchNames(names: readonly string[], pattern: string): MatchedFile[] {
  const segments = posix.normalize(pattern).split('/').map(toMatcher);
  const matches: Match[] = [];
  for (const name of names) {
    const parts = name.split('/');
    if (parts.length !== segments.length) continue;
    const wild = segments.map((match, at) => match(parts[at] as string));
    if (wild.every((found) => found !== null)) matches.push({ parts, wild: wild.flat() });
  }
  return sortMatches(matches);
}

const sortMatches = (matches: readonly Match[]): MatchedFile[] =>
  matches
    .map(({ parts, wild }): MatchedFile => ({ file: parts.join('/'), name: wild.join('/') }))
    .sort((a, b) => NATURAL.compare(a.name, b.name) || (a.file < b.file ? -1 : 1));

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
  const match = toMatcher(segment);
  const entries = await readdir(join(directory, ...parts), { withFileTypes: true }).catch(() => []);
  const matches: Match[] = [];
  for (const entry of entries) {
    const wild = match(entry.name);
    if (wild === null) continue;
    // A link may lead to a folder.
    if (rest.length > 0 ? entry.isFile() : entry.isDirectory()) continue;
    for (const below of await matchSegments(directory, rest, [...parts, entry.name])) {
      matches.push({ ...below, wild: [...wild, ...below.wild] });
    }
  }
  return matches;
}

/** Returns a function that finds the text in place of each wildcard; null for other names. */
function toMatcher(segment: string): (name: string) => readonly string[] | null {
  const wanted = new RegExp(`^${segment.split('*').map(escapeSigns).join('(.*)')}$`, 's');
  return (name) => (name.startsWith('.') && !segment.startsWith('.') ? null : (wanted.exec(name)?.slice(1) ?? null));
}

const escapeSigns = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
