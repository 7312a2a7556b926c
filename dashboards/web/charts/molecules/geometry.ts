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

const ANGLES: Readonly<Record<string, 'degree' | 'radian'>> = {
  degree: 'degree',
  degrees: 'degree',
  deg: 'degree',
  '°': 'degree',
  radian: 'radian',
  radians: 'radian',
  rad: 'radian',
};
const LENGTHS = new Set(['angstrom', 'Å', 'nm', 'pm', 'bohr', 'a0', 'm']);

/** Recognises three columns: one angle and two lengths in one unit; null otherwise. */
export function recogniseTriatomic(columns: readonly DescribedColumn[]): ThreeAtoms | null {
  if (columns.length !== 3) return null;
  const angles = [0, 1, 2].filter((i) => ANGLES[columns[i]?.unit ?? ''] !== undefined);
  const bonds = [0, 1, 2].filter((i) => LENGTHS.has(columns[i]?.unit ?? ''));
  const [angle] = angles;
  const [one, two] = bonds;
  if (angles.length !== 1 || angle === undefined || one === undefined || two === undefined) return null;
  if (columns[one]?.unit !== columns[two]?.unit) return null;
  return { angle, bonds: [one, two], degrees: ANGLES[columns[angle]?.unit ?? ''] === 'degree' };
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
