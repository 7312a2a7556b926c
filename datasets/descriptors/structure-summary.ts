/** Properties of the structures of a dataset by which a wrong cell or unit is noticed. */
import type { Frame, Periodicity } from '../formats/structures/frame.ts';
import { nameFrame } from '../formats/structures/frame-errors.ts';
import { type ClosestAtoms, findClosestAtoms } from './closest-atoms.ts';

export interface StructureSummary {
  readonly frames: number;
  /** Vectors of the lattice along which any frame repeats. */
  readonly periodic: Periodicity;
  /** The closest atoms of all frames; null where none are within 4 angstrom. */
  readonly closest: (ClosestAtoms & { readonly frame: string }) | null;
  /** The first comment line with a cell in a form that is not read. */
  readonly unreadCell: { readonly frame: string; readonly text: string } | null;
}

const NONE: StructureSummary = { frames: 0, periodic: [false, false, false], closest: null, unreadCell: null };

/** Farther atoms are not searched, in angstrom. */
const SEARCHED = 4;

/** Shorter distances are not of atoms in angstrom. */
export const SHORTEST_BOND = 0.5;

export function joinSummaries(first: StructureSummary = NONE, second: StructureSummary = NONE): StructureSummary {
  const isCloser = second.closest !== null && second.closest.distance < (first.closest?.distance ?? Number.POSITIVE_INFINITY);
  return {
    frames: first.frames + second.frames,
    periodic: [0, 1, 2].map((axis) => first.periodic[axis] || second.periodic[axis]) as unknown as Periodicity,
    closest: isCloser ? second.closest : first.closest,
    unreadCell: first.unreadCell ?? second.unreadCell,
  };
}

/** Adds a frame; its atoms are compared only within the distance that is known. */
export function addFrame(summary: StructureSummary = NONE, frame: Frame): StructureSummary {
  const found = findClosestAtoms(frame, summary.closest?.distance ?? SEARCHED);
  if (found === null && frame.unreadCell === null && isAsPeriodic(summary, frame))
    return { ...summary, frames: summary.frames + 1 };
  const name = nameFrame(frame);
  return joinSummaries(summary, {
    frames: 1,
    periodic: frame.periodic,
    closest: found && { ...found, distance: Number(found.distance.toPrecision(6)), frame: name },
    unreadCell: frame.unreadCell === null ? null : { frame: name, text: frame.unreadCell },
  });
}

const isAsPeriodic = ({ periodic, frames }: StructureSummary, frame: Frame): boolean =>
  frames > 0 && frame.periodic.every((repeats, axis) => periodic[axis] || !repeats);
