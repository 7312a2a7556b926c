/** The unit cell of a frame of extended xyz, and the directions along which it repeats. */
import type { Frame, Periodicity } from './frame.ts';
import { type FramePosition, structuresInvalid } from './frame-errors.ts';
import { readReal } from './numbers.ts';
import { cellVolume, cross, type Vector, vectorAt } from './vectors.ts';

/** Throws NarrowsError `structures-invalid`. */
export function readLattice(comment: ReadonlyMap<string, string>, place: FramePosition): Pick<Frame, 'lattice' | 'periodic'> {
  const fault = (why: string, fix?: string) => structuresInvalid(place, why, fix, place.line + 1);
  const text = comment.get('Lattice');
  const flags = comment.get('pbc');
  const stated = flags === undefined ? null : readFlags(flags);
  if (stated === undefined) throw fault(`pbc is "${flags}"`, 'three of T and F: pbc="T T T"');
  const numbers = text === undefined ? null : readNumbers(text);
  if (numbers?.length === 3) numbers.splice(0, 3, ...diagonal(numbers));
  if (numbers !== null && (numbers.length !== 9 || !numbers.every(Number.isFinite))) {
    throw fault(`its Lattice is "${text}"`, 'nine numbers: Lattice="ax ay az bx by bz cx cy cz", or three: Lattice="a b c"');
  }
  if (numbers === null || numbers.every((number) => number === 0)) {
    if (!stated?.includes(true)) return { lattice: null, periodic: [false, false, false] };
    const message = `it is periodic (pbc) but ${numbers === null ? 'has no Lattice' : 'its Lattice is zero'}`;
    throw fault(message, 'add Lattice="ax ay az bx by bz cx cy cz", or pbc="F F F"');
  }
  const given = Float64Array.from(numbers);
  const isZero = AXES.map((axis) => vectorAt(given, axis).every((value) => value === 0));
  const periodic = stated ?? (isZero.map((zero) => !zero) as [boolean, boolean, boolean]);
  const endless = AXES.find((axis) => isZero[axis] && periodic[axis]);
  if (endless !== undefined) {
    const name = 'abc'[endless];
    throw fault(
      `it repeats along ${name} (pbc), but vector ${name} of its Lattice is zero`,
      `give ${name} its length, or pbc F there`,
    );
  }
  const lattice = completeLattice(given, isZero);
  if (!(Math.abs(cellVolume(lattice)) > 0)) throw fault('the three vectors of its Lattice are coplanar');
  return { lattice, periodic };
}

const AXES = [0, 1, 2] as const;

/** Returns three flags; one flag counts for all; undefined for other text. */
function readFlags(text: string): Periodicity | undefined {
  const words = text
    .replace(JSON_SIGNS, ' ')
    .trim()
    .split(/[\s,]+/);
  const flags = words.map((word) => (/^(T|true|1)$/i.test(word) ? true : /^(F|false|0)$/i.test(word) ? false : null));
  const [a, b = a, c = a] = flags;
  if (flags.length === 2 || flags.length > 3 || flags.includes(null)) return undefined;
  return [a === true, b === true, c === true];
}

/** ASE writes nested lists as text: "_JSON [[...], ...]". */
const JSON_SIGNS = /_JSON|[[\](){}]/g;

const readNumbers = (text: string): number[] =>
  text
    .replace(JSON_SIGNS, ' ')
    .trim()
    .split(/[\s,;]+/)
    .map(readReal);

const diagonal = ([a = 0, b = 0, c = 0]: readonly number[]): number[] => [a, 0, 0, 0, b, 0, 0, 0, c];

/** Replaces vectors of zeros, of slabs, wires and molecules, by unit vectors across the others. */
function completeLattice(given: Float64Array, isZero: readonly boolean[]): Float64Array {
  const lattice = given.slice();
  const known = AXES.filter((axis) => !isZero[axis]).map((axis) => vectorAt(given, axis));
  for (const axis of AXES) {
    if (!isZero[axis]) continue;
    const [first = [1, 0, 0], second = perpendicularTo(first)] = known;
    const across = unit(cross(first, second));
    known.push(across);
    lattice.set(across, 3 * axis);
  }
  return lattice;
}

/** Returns the unit vector that is least along the vector. */
function perpendicularTo(vector: Vector): Vector {
  const lengths = vector.map(Math.abs);
  const least = lengths.indexOf(Math.min(...lengths));
  return [least === 0 ? 1 : 0, least === 1 ? 1 : 0, least === 2 ? 1 : 0];
}

function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
