/** Selects the columns of a table that a reference names: `table.csv#a,b`, `table.parquet#e_*`. */
import { didYouMean, type NarrowsError, nearestFirst } from '../../errors.ts';
import { arrayInvalid } from './array-format.ts';

/**
 * Returns the indices of the columns named between commas; `e_*` means all that start with `e_`, in
 * the order of the table, no selection all columns. `one`: the selection is a single name, whatever
 * its characters. Throws NarrowsError `array-invalid`.
 */
export function selectColumns(names: readonly string[], selection: string | undefined, table: string, one?: 'one'): number[] {
  if (selection === undefined) return [...names.keys()];
  const chosen = new Set<number>();
  for (const part of one ? [selection] : selection.split(',').map((name) => name.trim())) {
    const find = (isWanted: (name: string) => boolean) => [...names.keys()].filter((column) => isWanted(names[column] ?? ''));
    let found = find((name) => name === part);
    if (found.length > 1)
      throw arrayInvalid(table, `${found.length} of its columns are named "${part}"`, 'give each column a unique name');
    if (found.length === 0 && !one && part.endsWith('*')) found = find((name) => name.startsWith(part.slice(0, -1)));
    if (found.length === 0) throw missingNameError(table, 'column', part, names);
    const twice = found.find((column) => chosen.has(column));
    if (twice !== undefined) throw arrayInvalid(table, `the column "${names[twice]}" is named twice`);
    for (const column of found) chosen.add(column);
  }
  return [...chosen];
}

/** Most names listed in an error. */
const MAX_LISTED = 12;

/** A NarrowsError `array-invalid` for a missing column or dataset, with the nearest name. */
export function missingNameError(table: string, kind: string, wanted: string, names: readonly string[]): NarrowsError {
  const nearest = nearestFirst(wanted, names);
  // The nearest names in the order of the table.
  const near = nearest.slice(0, MAX_LISTED).toSorted((a, b) => names.indexOf(a) - names.indexOf(b));
  const fix =
    names.length === 0
      ? `it has no ${kind}s`
      : `${didYouMean(wanted, names)} its ${kind}s are ${formatList([...near, ...nearest.slice(MAX_LISTED)])}`;
  return arrayInvalid(table, `it has no ${kind} "${wanted}"`, fix);
}

/** "a, b, c, and 9 more". */
export function formatList(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : '';
  return `${names.slice(0, MAX_LISTED).join(', ')}${more}`;
}
