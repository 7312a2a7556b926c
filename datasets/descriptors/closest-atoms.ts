/** Shortest distance of two atoms of a frame, periodic images included. */
import type { Frame, Periodicity } from '../formats/structures/frame.ts';
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
function sweep({ positions, lattice, periodic }: Frame, axes: Axes | null, within: number): ClosestAtoms | null {
  const cell: Cell = { axes: axes ?? CARTESIAN, periodic, lattice: lattice ?? IDENTITY };
  const u = coordinatesAlong(0, cell, positions);
  const v = coordinatesAlong(1, cell, positions);
  const w = coordinatesAlong(2, cell, positions);
  return comparePairsAlong(Math.max(0, periodic.indexOf(true)) as AxisNumber, cell, [u, v, w], within);
}

interface Cell {
  readonly axes: Axes;
  readonly periodic: Periodicity;
  /** [3, 3] */
  readonly lattice: Float64Array;
}

type AxisNumber = 0 | 1 | 2;

/** Returns the coordinate of each atom: a fraction of the unit cell where the axis repeats. */
function coordinatesAlong(axis: AxisNumber, { axes, periodic }: Cell, positions: Float64Array): Float64Array {
  const [x, y, z] = axes[axis].reciprocal;
  const repeats = periodic[axis];
  const coordinates = new Float64Array(positions.length / 3);
  for (let atom = 0, at = 0; atom < coordinates.length; atom++, at += 3) {
    const value = x * (positions[at] as number) + y * (positions[at + 1] as number) + z * (positions[at + 2] as number);
    coordinates[atom] = repeats ? value - Math.floor(value) : value;
  }
  return coordinates;
}

function comparePairsAlong(
  along: AxisNumber,
  { axes, periodic, lattice }: Cell,
  coordinates: readonly [Float64Array, Float64Array, Float64Array],
  within: number,
): ClosestAtoms | null {
  const key = coordinates[along];
  const reach = axes[along].height;
  const wraps = periodic[along];
  const [u, v, w] = coordinates;
  const [wrapU, wrapV, wrapW] = periodic;
  const reachV = axes[1].height * axes[1].height;
  const reachW = axes[2].height * axes[2].height;
  const order = orderBy(key);
  const count = order.length;
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
      const squared = squaredLength(lattice, du, dv, dw);
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

/** Returns the squared length of u a + v b + w c, for the vectors a, b and c of a lattice. */
function squaredLength(lattice: Float64Array, u: number, v: number, w: number): number {
  let sum = 0;
  for (let i = 0; i < 3; i++) {
    const component = u * (lattice[i] ?? 0) + v * (lattice[i + 3] ?? 0) + w * (lattice[i + 6] ?? 0);
    sum += component * component;
  }
  return sum;
}

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
