/** Warnings about structures. */
import { SHORTEST_BOND, type StructureSummary } from '../descriptors/structure-summary.ts';
import { shorten } from '../formats/text-numbers.ts';
import type { Warning } from './warning.ts';

/** Other programs write other cells and units, which would be taken for molecules in angstrom. */
export function findStructureWarnings({ closest, unreadCell }: StructureSummary): Warning[] {
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
