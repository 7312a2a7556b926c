/** Warnings about a valid dataset. */
import { formatList } from '../formats/column-selection.ts';
import type { CheckedDataset } from './check.ts';
import type { Warning } from './warning.ts';

export function findWarnings({
  groups,
  nearDuplicates,
  warnings,
  x,
}: Pick<CheckedDataset, 'groups' | 'nearDuplicates' | 'warnings'> & {
  readonly x: { readonly rows: number };
}): Warning[] {
  return [
    ...warnings,
    ...(groups === null ? [] : warnOfSingleGroups(groups.sizes)),
    ...warnOfNearDuplicates(nearDuplicates.length, x.rows),
  ];
}

/** Near-duplicates must be in the same part of a split. */
function warnOfNearDuplicates(count: number, rows: number): Warning[] {
  if (count === 0) return [];
  const has = count === 1 ? 'row has' : 'rows have';
  const message = `${count} of ${rows} ${has} the structure of an earlier row, or nearly so: a split keeps them together with it`;
  return [{ code: 'rows-tied', message, path: 'descriptors' }];
}

/** A group of one row is valid, but often results from a wrong column. */
function warnOfSingleGroups(rows: ReadonlyMap<string, number>): Warning[] {
  const single = [...rows.keys()].filter((group) => rows.get(group) === 1);
  if (single.length === 0) return [];
  const message =
    single.length === rows.size
      ? `each of the ${rows.size} groups has a single row: a split by group is then one at random, and a mean over a group is its row`
      : `${single.length} of ${rows.size} groups ${single.length === 1 ? 'has' : 'have'} a single row (${formatList(single)}): a mean over such a group is that row alone`;
  return [{ code: 'groups-single', message, path: 'groups' }];
}
