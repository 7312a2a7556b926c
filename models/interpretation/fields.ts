/**
 * Fields over three descriptors: grids of a latent, and of the sensitivity M(x) = |d yhat / d x|_F
 * in standardised descriptors (our definition), NaN outside the convex region of the data.
 */
import quickHull from 'quickhull3d/dist/quickhull3d.js';
import type { Matrix } from '../axes.ts';

export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

/** A scalar on a grid, values[(a * b.points + b) * c.points + c]; NaN outside the data's hull. */
export interface Field {
  readonly axes: readonly [Axis, Axis, Axis];
  readonly values: Float32Array;
}

/** Returns the value, in physical units, of the plane of that number across an axis. */
export const valueAt = ({ from, to, points }: Axis, plane: number): number => from + (plane / (points - 1)) * (to - from);

/** Returns the places within the data: index into the field's values, and physical units. */
export function placesWithin({ axes, values }: Field): { readonly index: number; readonly at: Point }[] {
  const [a, b, c] = axes;
  const places: { index: number; at: Point }[] = [];
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    const [i, j, k] = [Math.floor(index / (b.points * c.points)), Math.floor(index / c.points) % b.points, index % c.points];
    places.push({ index, at: [valueAt(a, i), valueAt(b, j), valueAt(c, k)] });
  });
  return places;
}

/** A grid over the range of x [N, 3], and its points inside the convex hull of x. */
export interface Grid {
  readonly axes: readonly [Axis, Axis, Axis];
  /** Indices into a field's values. */
  readonly inside: Uint32Array;
  /** The points inside, [inside, 3], physical units. */
  readonly points: Matrix;
}

/** Returns the grid of so many points along each axis; null where x spans no volume. */
export function gridOver(x: Matrix, points: number): Grid | null {
  if (x.columns !== 3) throw new RangeError(`a grid of three axes over ${x.columns} descriptors`);
  const range = [0, 1, 2].map((d) => {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = d; i < x.data.length; i += 3) {
      from = Math.min(from, x.data[i] as number);
      to = Math.max(to, x.data[i] as number);
    }
    return { from, to, points };
  }) as unknown as Grid['axes'];
  // In units of the ranges, so that the hull's tolerance suits every axis.
  const scaled = (row: ArrayLike<number>, at: number) =>
    range.map(({ from, to }, d) => ((row[at + d] as number) - from) / (to - from)) as [number, number, number];
  if (range.some(({ from, to }) => !(to > from))) return null;
  const contains = convexRegion(Array.from({ length: x.rows }, (_, row) => scaled(x.data, row * 3)));
  if (contains === null) return null;
  const inside: number[] = [];
  const found: number[] = [];
  for (let index = 0; index < points ** 3; index++) {
    const place = [Math.floor(index / points ** 2), Math.floor(index / points) % points, index % points];
    const point = place.map((i, d) => valueAt(range[d] as Axis, i));
    if (!contains(scaled(point, 0))) continue;
    inside.push(index);
    found.push(...point);
  }
  return {
    axes: range,
    inside: Uint32Array.from(inside),
    points: { rows: inside.length, columns: 3, data: Float32Array.from(found) },
  };
}

/** One value per point inside, spread over the grid. */
export function fieldOf({ axes, inside }: Grid, values: ArrayLike<number>): Field {
  const field = new Float32Array(axes.reduce((product, { points }) => product * points, 1)).fill(Number.NaN);
  inside.forEach((index, i) => {
    field[index] = values[i] as number;
  });
  return { axes, values: field };
}

type Point = readonly [number, number, number];

/** Share of the bounding box below which a region is a plane, up to rounding. */
const LEAST_VOLUME = 1e-4;

/** Returns a test for points in the convex hull of points in the unit box; null in a plane. */
function convexRegion(points: Point[]): ((point: Point) => boolean) | null {
  let faces: number[][];
  try {
    faces = quickHull(points as [number, number, number][]);
  } catch {
    return null;
  }
  const planes = faces.flatMap(([a, b, c]) => {
    const [p, q, r] = [points[a as number], points[b as number], points[c as number]] as [Point, Point, Point];
    const normal = cross(minus(q, p), minus(r, p));
    const length = Math.hypot(...normal);
    return length > 0 ? [{ normal, offset: dot(normal, p), slack: 1e-9 * length }] : [];
  });
  const volume = planes.reduce((sum, { offset }) => sum + offset, 0) / 6;
  // As seen from the corner of the box; each face and that corner make a tetrahedron.
  if (volume < LEAST_VOLUME) return null;
  return (point) => planes.every(({ normal, offset, slack }) => dot(normal, point) <= offset + slack);
}

const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Point, b: Point): Point => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
