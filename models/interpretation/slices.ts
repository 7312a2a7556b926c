/** Slices of a field of three axes: the plane, lines of equal value, the edge of what is known. */
import { contours } from 'd3-contour';
import { type Axis, type Field, valueAt } from './fields.ts';

export type Place = readonly [number, number];

/** One of the three axes of a field. */
export type AxisIndex = 0 | 1 | 2;

/** A plane across one axis of a field. */
export interface Slice {
  /** Axes of the field across the plane, up it and through it. */
  readonly axes: readonly [across: AxisIndex, up: AxisIndex, fixed: AxisIndex];
  readonly across: Axis;
  readonly up: Axis;
  /** values[j * across.points + i], NaN where nothing is known. */
  readonly values: Float64Array;
}

/** Returns the index of the plane of an axis nearest to a value in physical units. */
export function planeAt({ from, to, points }: Axis, value: number): number {
  const at = Math.round(((value - from) / (to - from)) * (points - 1));
  return Math.min(points - 1, Math.max(0, at));
}

const OTHER_AXES = [
  [1, 2],
  [0, 2],
  [0, 1],
] as const satisfies readonly (readonly [AxisIndex, AxisIndex])[];

/** The axes that a plane across `fixed` shows, in their order. */
export const axesAcross = (fixed: AxisIndex): readonly [AxisIndex, AxisIndex] => OTHER_AXES[fixed];

/** Plane `plane` across the axis `fixed` (0, 1 or 2); the other two axes keep their order. */
export function sliceOf({ axes, values }: Field, fixed: AxisIndex, plane: number): Slice {
  const [a, b] = axesAcross(fixed);
  const [across, up] = [axes[a], axes[b]];
  const strides = [axes[1].points * axes[2].points, axes[2].points, 1] as const;
  const step = (axis: AxisIndex) => strides[axis];
  const plain = Float64Array.from(
    { length: across.points * up.points },
    (_, i) => values[(i % across.points) * step(a) + Math.floor(i / across.points) * step(b) + plane * step(fixed)] as number,
  );
  return { axes: [a, b, fixed], across, up, values: plain };
}

/** Returns `count` rising levels with equal shares of values between; fewer where they coincide. */
export function levelsOf(values: ArrayLike<number>, count: number): number[] {
  const known = Float64Array.from(Array.from(values).filter(Number.isFinite)).sort();
  if (known.length === 0) return [];
  const picked = Array.from(
    { length: count },
    (_, i) => known[Math.round(((i + 1) / (count + 1)) * (known.length - 1))] as number,
  );
  return [...new Set(picked)];
}

/** Lines of equal value, physical units; none along the edge of what is known: it is no level. */
export function contourRuns(slice: Slice, level: number): Place[][] {
  const values = Array.from(slice.values, (value) => (Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY));
  const runs = ringsOf(slice, values, level).flatMap((ring) => insideRuns(ring, slice));
  return runs.map((run) => run.map((point) => placeOf(slice, point)));
}

/** The edge of what is known on the plane, as closed rings in physical units. */
export function regionRings(slice: Slice): Place[][] {
  const isKnown = Array.from(slice.values, (value) => (Number.isFinite(value) ? 1 : 0));
  return ringsOf(slice, isKnown, 0.5).map((ring) => ring.map((point) => placeOf(slice, point)));
}

/** Rings around the values from a level on, in steps of the grid. */
const ringsOf = ({ across, up }: Slice, values: number[], level: number) =>
  contours().size([across.points, up.points]).contour(values, level).coordinates.flat() as [number, number][][];

/** d3-contour puts the value number i at i + 0.5. */
const placeOf = ({ across, up }: Slice, [x, y]: Place): Place => [valueAt(across, x - 0.5), valueAt(up, y - 0.5)];

/** Stretches of a ring whose neighbours on the grid are all known. */
function insideRuns(ring: readonly [number, number][], { across, up, values }: Slice): [number, number][][] {
  const known = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < across.points && y < up.points && Number.isFinite(values[y * across.points + x] as number);
  const inside = ([x, y]: Place) => {
    const [gx, gy] = [x - 0.5, y - 0.5];
    // Next to a point outside, d3-contour puts the line through the last grid point inside, which
    // is not a level.
    if (Number.isInteger(gx) && Number.isInteger(gy)) return false;
    const [left, right, low, high] = [Math.floor(gx), Math.ceil(gx), Math.floor(gy), Math.ceil(gy)];
    return known(left, low) && known(right, low) && known(left, high) && known(right, high);
  };
  const runs: [number, number][][] = [];
  let run: [number, number][] = [];
  for (const point of ring) {
    if (inside(point)) run.push(point);
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
  }
  if (run.length > 0) runs.push(run);
  return runs.filter(({ length }) => length > 1);
}
