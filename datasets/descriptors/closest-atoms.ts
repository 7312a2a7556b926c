/** Shortest distance of two atoms of a frame, periodic images included. */
import type { Frame } from '../formats/structures/frame.ts';
import { buildCellList, latticeAxes } from './cell-list.ts';

export interface ClosestAtoms {
  /** In angstrom. */
  readonly distance: number;
  /** Numbers of the atoms, from 0; equal for an atom and its own image. */
  readonly atoms: readonly [number, number];
}

/** Returns the closest atoms that are nearer than `within`; null where none are. */
export function findClosestAtoms(frame: Frame, within: number): ClosestAtoms | null {
  const { lattice, periodic } = frame;
  if (!periodic.includes(true) && frame.species.length <= FEW_ATOMS) return comparePairs(frame, within);
  const axes = lattice && latticeAxes(lattice);
  // Beyond half a height of the cell the nearest image does not follow from rounding.
  if (axes?.some(({ height }, axis) => periodic[axis] && height < 2 * within)) return searchCells(frame, within);
  return sweep(frame, axes, within);
}

/** All pairs of so few atoms are compared in less time than the atoms are sorted. */
const FEW_ATOMS = 24;

function comparePairs({ positions }: Frame, within: number): ClosestAtoms | null {
  let limit = within * within;
  let [first, second] = [-1, -1];
  for (let a = 0; a < positions.length; a += 3) {
    for (let b = a + 3; b < positions.length; b += 3) {
      const x = (positions[b] as number) - (positions[a] as number);
      const y = (positions[b + 1] as number) - (positions[a + 1] as number);
      const z = (positions[b + 2] as number) - (positions[a + 2] as number);
      const squared = x * x + y * y + z * z;
      if (squared >= limit) continue;
      limit = squared;
      [first, second] = [a / 3, b / 3];
    }
  }
  return first < 0 ? null : { distance: Math.sqrt(limit), atoms: [first, second] };
}

type Axes = ReturnType<typeof latticeAxes>;

const CARTESIAN: Axes = [
  { reciprocal: [1, 0, 0], height: 1 },
  { reciprocal: [0, 1, 0], height: 1 },
  { reciprocal: [0, 0, 1], height: 1 },
];
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** Compares atoms in the order of one coordinate, each with those less than `within` after it. */
function sweep({ species, positions, lattice, periodic }: Frame, axes: Axes | null, within: number): ClosestAtoms | null {
  const count = species.length;
  const [u, v, w] = (axes ?? CARTESIAN).map(({ reciprocal: [x, y, z] }, axis) => {
    const coordinates = new Float64Array(count);
    for (let atom = 0, at = 0; atom < count; atom++, at += 3) {
      const value = x * (positions[at] as number) + y * (positions[at + 1] as number) + z * (positions[at + 2] as number);
      coordinates[atom] = periodic[axis] ? value - Math.floor(value) : value;
    }
    return coordinates;
  }) as [Float64Array, Float64Array, Float64Array];
  const along = Math.max(0, periodic.indexOf(true));
  const key = [u, v, w][along] as Float64Array;
  const wraps = periodic[along] === true;
  const [wrapU, wrapV, wrapW] = periodic;
  const heights = (axes ?? CARTESIAN).map(({ height }) => height) as [number, number, number];
  const reach = heights[along as 0 | 1 | 2];
  const [, reachV, reachW] = heights.map((height) => height * height) as [number, number, number];
  const order = orderBy(key);
  const [ax, ay, az, bx, by, bz, cx, cy, cz] = (lattice ?? IDENTITY) as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let limit = within * within;
  let best: readonly [number, number] | null = null;
  for (let i = 0; i < count; i++) {
    const one = order[i] as number;
    for (let step = 1; step < count; step++) {
      const next = i + step;
      if (next >= count && !wraps) break;
      const other = order[next < count ? next : next - count] as number;
      const ahead = ((key[other] as number) - (key[one] as number) + (next < count ? 0 : 1) - ROUNDING) * reach;
      if (ahead > 0 && ahead * ahead >= limit) break;
      // Most pairs are too far apart along a single axis.
      const dv = wrap((v[other] as number) - (v[one] as number), wrapV);
      if (dv * dv * reachV >= limit) continue;
      const dw = wrap((w[other] as number) - (w[one] as number), wrapW);
      if (dw * dw * reachW >= limit) continue;
      const du = wrap((u[other] as number) - (u[one] as number), wrapU);
      const x = du * ax + dv * bx + dw * cx;
      const y = du * ay + dv * by + dw * cy;
      const z = du * az + dv * bz + dw * cz;
      const squared = x * x + y * y + z * z;
      if (squared >= limit) continue;
      limit = squared;
      best = one < other ? [one, other] : [other, one];
    }
  }
  return best && { distance: Math.sqrt(limit), atoms: best };
}

/** Returns the difference of two fractions to the nearest image. */
const wrap = (difference: number, repeats: boolean): number => {
  if (!repeats) return difference;
  return difference > 0.5 ? difference - 1 : difference < -0.5 ? difference + 1 : difference;
};

/** Resolution of coordinates in the order, relative to their range. */
const STEPS = 2 ** 30;
/** More atoms than a frame can have; with STEPS a whole number that float64 holds. */
const MAX_ATOMS = 2 ** 22;
/** The order is exact but for this. */
const ROUNDING = 1e-6;

/** Returns the atoms in the order of their coordinates; atoms nearly at one keep theirs. */
function orderBy(coordinates: Float64Array): Uint32Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let atom = 0; atom < coordinates.length; atom++) {
    const value = coordinates[atom] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? (STEPS - 1) / (high - low) : 0;
  // Coordinate and number in one value: native sorting is several times as fast as by a function.
  const keys = new Float64Array(coordinates.length);
  for (let atom = 0; atom < keys.length; atom++) {
    keys[atom] = Math.floor(((coordinates[atom] as number) - low) * scale) * MAX_ATOMS + atom;
  }
  keys.sort();
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i++) {
    const value = keys[i] as number;
    order[i] = value - Math.floor(value / MAX_ATOMS) * MAX_ATOMS;
  }
  return order;
}

function searchCells(frame: Frame, within: number): ClosestAtoms | null {
  const { visitNeighbours } = buildCellList(frame, within);
  let limit = within * within;
  let best: readonly [number, number] | null = null;
  for (const site of frame.species.keys()) {
    visitNeighbours(site, (atom, _x, _y, _z, squared) => {
      if (squared >= limit) return;
      limit = squared;
      best = [Math.min(site, atom), Math.max(site, atom)];
    });
  }
  return best && { distance: Math.sqrt(limit), atoms: best };
}
