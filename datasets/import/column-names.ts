/** Compares the names of a table's columns with those that a manifest gives them. */
import { editDistance, NarrowsError } from '../../errors.ts';
import { isCount } from '../formats/numeric-names.ts';

/** Refuses names that are those of other columns of the manifest, or nearly so, and a row. */
export function requireColumnNames(names: readonly string[], columns: readonly string[], file: string): void {
  const at = findMisplaced(names, columns);
  if (at >= 0) {
    throw new NarrowsError(
      'columns-mismatch',
      `column ${at} of ${file} is "${names[at]}", the manifest calls it "${columns[at]}"`,
      {
        path: `descriptors.columns.${at}.name`,
        fix: `name the columns in the order of the file: ${names.join(', ')}`,
      },
    );
  }
  const areNumbers = names.length > 0 && names.every((name) => name !== '' && !Number.isNaN(Number(name)));
  if (!areNumbers || isCount(names.map(Number)) || !matchNames(names, columns).includes(null)) return;
  throw new NarrowsError('columns-mismatch', `the columns of ${file} are named by numbers, as in a row: ${names[0]}, ...`, {
    path: 'descriptors.columns',
    fix: 'start the file with one line of column names, those of the manifest',
  });
}

/** Returns the first name that is that of another known column, or nearly so, by index; or -1. */
export function findMisplaced(names: readonly string[], known: readonly string[]): number {
  return matchNames(names, known).findIndex((column, i) => column !== null && column !== i);
}

/** Refuses an index of rows, which would be the column with the largest variance. */
export function requireNoIndex([first]: readonly string[], reference: string): void {
  if (first !== '' && !/^Unnamed: 0(\.\d+)?$/.test(first ?? 'none')) return;
  const name = first === '' ? 'has no name' : `is called "${first}"`;
  throw new NarrowsError('columns-mismatch', `the first column of ${reference} ${name}: it is the index of the rows`, {
    path: reference,
    fix: 'write the table without it (pandas: to_csv(index=False), R: row.names=FALSE), or select the other columns by name: table.csv#e_*',
  });
}

/**
 * Returns for each name the index of the known one that it means; null where that is not certain.
 * They may differ in capitals, separators, units after the name, and by a few letters.
 */
function matchNames(names: readonly string[], known: readonly string[]): (number | null)[] {
  const matches: (number | null)[] = names.map(() => null);
  const assign = (findCandidates: (name: string, free: ReadonlySet<number>) => readonly number[]) => {
    const taken = new Set(matches);
    const free = new Set([...known.keys()].filter((column) => !taken.has(column)));
    const found = names.map((name, i) => {
      if (matches[i] !== null) return null;
      const candidates = findCandidates(name, free);
      return candidates.includes(i) ? i : candidates.length === 1 ? (candidates[0] as number) : null;
    });
    for (const [i, column] of found.entries()) {
      // Two names that mean the same column mean neither.
      if (column !== null && found.indexOf(column) === found.lastIndexOf(column)) matches[i] = column;
    }
  };
  if (names.length === known.length && names.every((name, i) => name === known[i])) return [...known.keys()];
  for (const keyOf of KEYS) {
    const byKey = Map.groupBy(known.keys(), (column) => keyOf(known[column] as string));
    byKey.delete('');
    assign((name, free) => (byKey.get(keyOf(name)) ?? []).filter((column) => free.has(column)));
  }
  if (names.length <= MAX_COMPARED) assign((name, free) => [...free].filter((column) => isNear(name, known[column] as string)));
  return matches;
}

/** More names than this are not compared pair by pair. */
const MAX_COMPARED = 500;

/** Without capitals and separators. */
const fold = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Without "(A)", "[A]", "/ A" and "in A" at the end. */
const withoutUnit = (name: string): string => name.replace(/\s*(?:[([{<].*|\/[^/]*|\sin\s\S+)$/s, '');

/** Keys by which names are equal, the most certain first. */
const KEYS: readonly ((name: string) => string)[] = [(name) => name, fold, (name) => fold(withoutUnit(name))];

/** Letters of a name for each one that may differ. */
const LETTERS_PER_ERROR = 2.5;

/** Returns whether a name starts with the known one, or differs in letters but not in digits. */
function isNear(name: string, known: string): boolean {
  if (name.toLowerCase().startsWith(known.toLowerCase()) && /^[^\p{L}\p{N}]/u.test(name.slice(known.length))) return true;
  const [a, b] = [fold(withoutUnit(name)), fold(withoutUnit(known))];
  const digits = (text: string) => text.replaceAll(/\D/g, '');
  return (
    a !== '' && digits(a) === digits(b) && editDistance(a, b) <= Math.floor(Math.min(a.length, b.length) / LETTERS_PER_ERROR)
  );
}
