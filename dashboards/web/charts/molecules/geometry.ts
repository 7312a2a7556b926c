/** Geometry of a triatomic molecule from its internal coordinates: an angle and its two bonds. */

export interface DescribedColumn {
  readonly name: string;
  readonly unit: string;
}

/** Indices of the columns with the angle and the bonds. */
export interface ThreeAtoms {
  readonly angle: number;
  readonly bonds: readonly [number, number];
  readonly degrees: boolean;
}

const DEGREES = new Set(['degree', 'degrees', 'deg', '°']);
const RADIANS = new Set(['radian', 'radians', 'rad']);
const LENGTHS = new Set(['angstrom', 'Å', 'nm', 'pm', 'bohr', 'a0', 'm']);

/** Recognises three columns: one angle and two lengths in one unit; null otherwise. */
export function recogniseTriatomic(columns: readonly DescribedColumn[]): ThreeAtoms | null {
  if (columns.length !== 3) return null;
  const units = columns.map(({ unit }) => unit);
  const angle = units.findIndex((unit) => DEGREES.has(unit) || RADIANS.has(unit));
  const [one, two] = units.flatMap((unit, i) => (LENGTHS.has(unit) ? [i] : []));
  if (angle < 0 || one === undefined || two === undefined || units[one] !== units[two]) return null;
  return { angle, bonds: [one, two], degrees: DEGREES.has(units[angle] ?? '') };
}

export interface Atoms {
  /** End atoms relative to the central one; y upwards, in the unit of the bonds. */
  readonly ends: readonly [readonly [number, number], readonly [number, number]];
  /** Between the bonds, radians. */
  readonly angle: number;
}

/** Places the three atoms: the molecule opens downwards, its bisector vertical. */
export function placeAtoms({ angle, bonds, degrees }: ThreeAtoms, x: ArrayLike<number>): Atoms {
  const opening = (x[angle] as number) * (degrees ? Math.PI / 180 : 1);
  const end = (length: number, side: number): [number, number] => [
    side * length * Math.sin(opening / 2),
    -length * Math.cos(opening / 2),
  ];
  return { ends: [end(x[bonds[0]] as number, -1), end(x[bonds[1]] as number, 1)], angle: opening };
}
