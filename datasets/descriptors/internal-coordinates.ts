/**
 * Distances, angles and dihedrals of a small molecule, the same atoms in every frame. Either the manifest names each coordinate by its two, three
 * or four atoms, or all that follow from the bonds are taken: every bond's length, the angle of every two bonds that share an atom, the dihedral
 * of every chain of three bonds. Without bonds every pair of atoms counts as one, of molecules
 * of up to 8 atoms.
 *
 * Sorted, coordinates of the same elements change places so that their values fall (or rise) from column to column: atoms of one element have no
 * names of their own. Each set of equivalents is sorted by itself.
 */
import type { DescriptorColumn } from '../../models/descriptor.ts';
import type { Frame } from '../formats/extxyz.ts';
import { structuresUnfit } from '../formats/frame-errors.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';

type InternalCoordinates = Extract<DescriptorSetting, { kind: 'internal-coordinates' }>;

interface Coordinate {
  readonly name: string;
  /** Two for a distance, three for an angle at the second, four for a dihedral about the middle two. */
  readonly atoms: readonly number[];
}

export const internalCoordinates: DescriptorKind<InternalCoordinates> = {
  rows: 'frame',

  columns(setting, first) {
    return coordinatesOf(setting, first).map(
      ({ name, atoms }): DescriptorColumn => ({
        name,
        unit: atoms.length === 2 ? 'angstrom' : 'degree',
      }),
    );
  },

  describe(setting, first) {
    const coordinates = coordinatesOf(setting, first);
    const equivalents = setting.sort === undefined ? [] : equivalentColumns(coordinates, first);
    const order = setting.sort === 'rising' ? (a: number, b: number) => a - b : (a: number, b: number) => b - a;
    return ({ positions }) =>
      (_site, row) => {
        coordinates.forEach(({ atoms }, column) => {
          row[column] = coordinate(atoms, positions);
        });
        for (const columns of equivalents) {
          const values = columns.map((column) => row[column] as number).sort(order);
          columns.forEach((column, i) => {
            row[column] = values[i] as number;
          });
        }
      };
  },
};

/** Every pair as a bond gives 28 distances, 168 angles and 840 dihedrals of so many atoms, and some tens of thousands of twice as many. */
const MOST_ATOMS_WITHOUT_BONDS = 8;

function coordinatesOf({ coordinates, bonds }: InternalCoordinates, frame: Frame): readonly Coordinate[] {
  const { species } = frame;
  if (!coordinates && !bonds && species.length > MOST_ATOMS_WITHOUT_BONDS) {
    const fix = 'name the bonds, or the coordinates: "bonds: [[0, 1], [0, 2]]"';
    throw structuresUnfit(
      frame,
      `of its ${species.length} atoms every pair would count as a bond, of ${MOST_ATOMS_WITHOUT_BONDS} at most`,
      fix,
    );
  }
  const all = coordinates ?? derived(bonds ?? pairs(species.length), species);
  const beyond = all.flatMap(({ atoms }) => atoms).find((atom) => atom >= species.length);
  if (beyond !== undefined)
    throw structuresUnfit(frame, `it has ${species.length} atoms, and no atom ${beyond} (the first is 0)`);
  if (all.length === 0) throw structuresUnfit(frame, 'it has a single atom, and so no coordinate');
  return all;
}

/** Lengths, angles and dihedrals of the bonds, each once. */
function derived(bonds: readonly (readonly [number, number])[], species: readonly string[]): Coordinate[] {
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

function pairs(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, i) => [a, a + 1 + i] as const),
  );
}

/** Columns whose atoms are the same elements in the same order, from either end; sets of one are left out. */
function equivalentColumns(coordinates: readonly Coordinate[], { species }: Frame): number[][] {
  const sets = new Map<string, number[]>();
  coordinates.forEach(({ atoms }, column) => {
    const symbols = atoms.map((atom) => species[atom]);
    const [key = ''] = [symbols.join('-'), symbols.toReversed().join('-')].sort();
    sets.set(key, [...(sets.get(key) ?? []), column]);
  });
  return [...sets.values()].filter((columns) => columns.length > 1);
}

function coordinate(atoms: readonly number[], positions: Float64Array): number {
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

type Vector = readonly [number, number, number];

function between(positions: Float64Array, from: number, to: number): Vector {
  const axis = (i: number) => (positions[3 * to + i] as number) - (positions[3 * from + i] as number);
  return [axis(0), axis(1), axis(2)];
}

const degrees = (radians: number) => (radians * 180) / Math.PI;
const length = ([x, y, z]: Vector) => Math.sqrt(x * x + y * y + z * z);
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = ([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector => [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];

/** By the arctangent, which is accurate near 0 and 180 degrees too; NaN where a vector has no length. */
function angle(u: Vector, v: Vector): number {
  return length(u) > 0 && length(v) > 0 ? Math.atan2(length(cross(u, v)), dot(u, v)) : Number.NaN;
}

/** -180 to 180 degrees, 0 where the ends lie on one side (cis), signs as of IUPAC; NaN where three atoms lie on a line. */
function dihedral(u: Vector, v: Vector, w: Vector): number {
  const [m, n] = [cross(u, v), cross(v, w)];
  return length(m) > 0 && length(n) > 0 ? Math.atan2(dot(u, n) * length(v), dot(m, n)) : Number.NaN;
}
