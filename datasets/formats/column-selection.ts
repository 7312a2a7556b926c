/** Which columns of a table a reference names: `table.csv#a,b`, `table.parquet#e_*`. */

import type { NarrowsError } from '../../errors.ts';
import { nearestFirst } from '../../errors.ts';
import { arrayInvalid } from './npy.ts';

/**
 * Places of the columns that a selection names, in its order: names between commas; `e_*` stands for all that begin with `e_`, in the table's order.
 * All columns without one. `one`: the selection is the name of a single column, whatever characters are in it. Throws NarrowsError `array-invalid`.
 */
export function selectColumns(names: readonly string[], selection: string | undefined, table: string, one?: 'one'): number[] {
  if (selection === undefined) return [...names.keys()];
  const chosen: number[] = [];
  for (const part of one ? [selection] : selection.split(',').map((name) => name.trim())) {
    const found = [...names.keys()].filter((column) => names[column] === part);
    if (found.length > 1)
      throw arrayInvalid(table, `${found.length} of its columns are called "${part}"`, 'give each a name of its own');
    if (found.length === 0 && !one && part.endsWith('*')) {
      found.push(...[...names.keys()].filter((column) => names[column]?.startsWith(part.slice(0, -1))));
    }
    if (found.length === 0) throw missingNameError(table, 'column', part, names);
    const twice = found.find((column) => chosen.includes(column));
    if (twice !== undefined) throw arrayInvalid(table, `the column "${names[twice]}" is named twice`);
    chosen.push(...found);
  }
  return chosen;
}

/** So many names are listed in an error. */
const MAX_LISTED = 12;

/** `array-invalid`: a column or dataset that is not there, with the nearest name and what there is. */
export function missingNameError(table: string, what: string, wanted: string, names: readonly string[]): NarrowsError {
  const nearest = nearestFirst(wanted, names);
  // The nearest, in the table's own order.
  const near = nearest.slice(0, MAX_LISTED).toSorted((a, b) => names.indexOf(a) - names.indexOf(b));
  const fix =
    nearest[0] === undefined
      ? `it has no ${what} at all`
      : `did you mean "${nearest[0]}"? its ${what}s are ${formatList([...near, ...nearest.slice(MAX_LISTED)])}`;
  return arrayInvalid(table, `it has no ${what} "${wanted}"`, fix);
}

/** "a, b, c, and 9 more". */
export function formatList(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : '';
  return `${names.slice(0, MAX_LISTED).join(', ')}${more}`;
}
