/** Warnings about a valid dataset. */
import { SHORTEST_BOND, type StructureSummary } from '../descriptors/structure-summary.ts';
import { formatList } from '../formats/column-selection.ts';
import type { CheckedDataset } from './check.ts';
import type { Warning } from './warning.ts';

export function findWarnings({
  groups,
  nearDuplicates,
  structures,
  warnings,
  x,
}: Pick<CheckedDataset, 'groups' | 'nearDuplicates' | 'structures' | 'warnings'> & {
  readonly x: { readonly rows: number };
}): Warning[] {
  return [
    ...warnings,
    ...(structures ? warnOfStructures(structures) : []),
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

/** Other programs write other cells and units, which would be taken for molecules in angstrom. */
function warnOfStructures({ closest, unreadCell }: StructureSummary): Warning[] {
  const path = 'descriptors.from.file';
  const warnings: Warning[] = [];
  if (unreadCell !== null) {
    const message = `${unreadCell.frame} has a cell in a form that is not read ("${shorten(unreadCell.text)}"): it counts as not periodic; write Lattice="ax ay az bx by bz cx cy cz"`;
    warnings.push({ code: 'cell-unread', message, path });
  }
  if (closest !== null && closest.distance < SHORTEST_BOND) {
    const message = `the shortest distance is ${closest.distance} angstrom (atoms ${closest.atoms.join(' and ')} of ${closest.frame}): are the positions fractional, in another unit, or the cell too small?`;
    warnings.push({ code: 'atoms-close', message, path });
  }
  return warnings;
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text);
