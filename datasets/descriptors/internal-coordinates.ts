/**
 * Distances, angles and dihedrals of a small molecule with the same atoms in every frame: those
 * that the manifest names by two, three or four atoms, or all that follow from the bonds: lengths,
 * angles of two bonds that share an atom, dihedrals of chains of three. Without bonds every pair of
 * up to 8 atoms counts as one. Sorted, equivalent coordinates exchange places so that their values
 * fall (or rise) from column to column: atoms of one element are indistinguishable.
 */
import type { Frame } from '../formats/structures/frame.ts';
import { structuresUnfit } from '../formats/structures/frame-errors.ts';
import { cross, dot, subtract, type Vector, vectorAt } from '../formats/structures/vectors.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';

type InternalCoordinates = Extract<DescriptorSetting, { kind: 'internal-coordinates' }>;

interface Coordinate {
  readonly name: string;
  /** Two for a distance, three for an angle at the second, four for a dihedral. */
  readonly atoms: readonly number[];
}

export const internalCoordinates: DescriptorKind<InternalCoordinates> = {
  columns(setting, first) {
    return listCoordinates(setting, first).map(({ name, atoms }) => ({ name, unit: atoms.length === 2 ? 'angstrom' : 'degree' }));
  },

  describe(setting, first) {
    const coordinates = listCoordinates(setting, first);
    const equivalents = setting.sort === undefined ? [] : groupEquivalent(coordinates, first);
    const order = setting.sort === 'rising' ? (a: number, b: number) => a - b : (a: number, b: number) => b - a;
    return ({ positions }) =>
      (_site, row) => {
        coordinates.forEach(({ atoms }, column) => {
          row[column] = computeCoordinate(atoms, positions);
        });
        for (const columns of equivalents) {
          const values = columns.map((column) => row[column] ?? Number.NaN).sort(order);
          for (const [i, value] of values.entries()) row[columns[i] ?? -1] = value;
        }
      };
  },
};

/** With every pair as a bond, 8 atoms give 840 dihedrals, and 16 atoms tens of thousands. */
const MAX_ATOMS_WITHOUT_BONDS = 8;

function listCoordinates({ coordinates, bonds }: InternalCoordinates, frame: Frame): readonly Coordinate[] {
  const { species } = frame;
  if (!coordinates && !bonds && species.length > MAX_ATOMS_WITHOUT_BONDS) {
    const message = `without bonds at most ${MAX_ATOMS_WITHOUT_BONDS} atoms are supported; it has ${species.length}`;
    throw structuresUnfit(frame, message, 'name the bonds, or the coordinates: "bonds: [[0, 1], [0, 2]]"');
  }
  const all = coordinates ?? deriveCoordinates(bonds ?? listPairs(species.length), species);
  const beyond = all.flatMap(({ atoms }) => atoms).find((atom) => atom >= species.length);
  if (beyond !== undefined) throw structuresUnfit(frame, `it has ${species.length} atoms and no atom ${beyond} (the first is 0)`);
  if (all.length === 0) throw structuresUnfit(frame, 'it has a single atom and therefore no coordinate');
  return all;
}

/** Returns lengths, angles and dihedrals of the bonds, each once. */
function deriveCoordinates(bonds: readonly (readonly [number, number])[], species: readonly string[]): Coordinate[] {
  const label = (atom: number) => `${species[atom] ?? ''}${atom}`;
  const bonded = new Map<number, number[]>();
  for (const [a, b] of bonds) {
    bonded.set(a, [...(bonded.get(a) ?? []), b]);
    bonded.set(b, [...(bonded.get(b) ?? []), a]);
  }
  const angles = [...bonded]
    .sort(([a], [b]) => a - b)
    .flatMap(([centre, ends]) => ends.flatMap((a, i) => ends.slice(i + 1).map((b) => [a, centre, b])));
  const dihedrals = bonds.flatMap(([b, c]) =>
    (bonded.get(b) ?? []).flatMap((a) =>
      (bonded.get(c) ?? []).flatMap((d) => (a !== c && d !== b && a !== d ? [[a, b, c, d]] : [])),
    ),
  );
  const named = (kind: string) => (atoms: readonly number[]) => ({ name: `${kind} ${atoms.map(label).join('-')}`, atoms });
  return [...bonds.map(named('distance')), ...angles.map(named('angle')), ...dihedrals.map(named('dihedral'))];
}

function listPairs(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, i) => [a, a + 1 + i] as const),
  );
}

/** Returns sets of columns whose atoms are the same elements in order, from either end. */
function groupEquivalent(coordinates: readonly Coordinate[], { species }: Frame): number[][] {
  const sets = Map.groupBy(coordinates.entries(), ([, { atoms }]) => {
    const symbols = atoms.map((atom) => species[atom]);
    return [symbols.join('-'), symbols.toReversed().join('-')].sort()[0];
  });
  return [...sets.values()].filter(({ length }) => length > 1).map((members) => members.map(([column]) => column));
}

function computeCoordinate(atoms: readonly number[], positions: Float64Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = atoms;
  switch (atoms.length) {
    case 2:
      return length(between(positions, a, b));
    case 3:
      return degrees(angle(between(positions, b, a), between(positions, b, c)));
    default:
      return degrees(dihedral(between(positions, a, b), between(positions, b, c), between(positions, c, d)));
  }
}

function between(positions: Float64Array, from: number, to: number): Vector {
  return subtract(vectorAt(positions, to), vectorAt(positions, from));
}

const degrees = (radians: number) => (radians * 180) / Math.PI;
const length = ([x, y, z]: Vector) => Math.sqrt(x * x + y * y + z * z);

/** Returns an angle, accurate near 0 and pi too; NaN where a vector has no length. */
function angle(u: Vector, v: Vector): number {
  return length(u) > 0 && length(v) > 0 ? Math.atan2(length(cross(u, v)), dot(u, v)) : Number.NaN;
}

/** Returns a dihedral of -pi to pi, 0 for cis (IUPAC); NaN where three atoms are collinear. */
function dihedral(u: Vector, v: Vector, w: Vector): number {
  const [m, n] = [cross(u, v), cross(v, w)];
  return length(m) > 0 && length(n) > 0 ? Math.atan2(dot(u, n) * length(v), dot(m, n)) : Number.NaN;
}
