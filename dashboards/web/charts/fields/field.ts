/** Fields over three descriptors, decoded from the columns of the API. */
import type { NamedAxis, NamedField } from '../../../../figures/slices.ts';
import type { Columns } from '../../../contract/columns.ts';

/** Throws RangeError where the answer holds no field. */
export function decodeField(name: string, { columns, about }: Columns): NamedField {
  const values = columns.find((column) => column.name === 'value')?.values;
  const axes = [0, 1, 2].map((i) => JSON.parse(String(about[`axes${i}`] ?? 'null')) as NamedAxis | null);
  const [a, b, c] = axes;
  if (!(values instanceof Float32Array) || !a || !b || !c || a.points * b.points * c.points !== values.length) {
    throw new RangeError(`the answer holds no field named ${name}`);
  }
  return { name, axes: [a, b, c], values };
}

/** Returns the value at the grid point nearest to a structure; NaN outside the data. */
export function fieldAt({ axes, values }: NamedField, at: readonly number[]): number {
  const places = axes.map(({ from, to, points }, i) =>
    Math.min(points - 1, Math.max(0, Math.round((((at[i] as number) - from) / (to - from)) * (points - 1)))),
  ) as [number, number, number];
  return values[(places[0] * axes[1].points + places[1]) * axes[2].points + places[2]] as number;
}

/** Returns a point to start from: the known grid point nearest to the mean of all known ones. */
export function findCentre({ axes, values }: NamedField): [number, number, number] {
  const [a, b, c] = axes;
  const on = ({ from, to, points }: NamedAxis, i: number) => from + (i / (points - 1)) * (to - from);
  const sum: [number, number, number] = [0, 0, 0];
  let known = 0;
  const place = (index: number) =>
    [Math.floor(index / (b.points * c.points)), Math.floor(index / c.points) % b.points, index % c.points] as const;
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    known++;
    place(index).forEach((i, axis) => {
      sum[axis] = (sum[axis] as number) + i;
    });
  });
  if (known === 0) return [on(a, (a.points - 1) / 2), on(b, (b.points - 1) / 2), on(c, (c.points - 1) / 2)];
  // The known region is convex, so the mean of its points is within it.
  return [on(a, Math.round(sum[0] / known)), on(b, Math.round(sum[1] / known)), on(c, Math.round(sum[2] / known))];
}
