/** Fields over three descriptors, decoded from the columns of the API. */
import type { NamedAxis, NamedField } from '../../../../figures/slices.ts';
import { valueAt } from '../../../../models/interpretation/fields.ts';
import { planeAt } from '../../../../models/interpretation/slices.ts';
import { increment } from '../../../../models/vectors.ts';
import type { Columns } from '../../../contract/columns.ts';

/** Three descriptors, in physical units. */
export type Structure = readonly [number, number, number];

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
export function fieldAt({ axes, values }: NamedField, at: Structure): number {
  const [i, j, k] = [planeAt(axes[0], at[0]), planeAt(axes[1], at[1]), planeAt(axes[2], at[2])];
  return values[(i * axes[1].points + j) * axes[2].points + k] as number;
}

/** Returns a point to start from: the known grid point nearest to the mean of all known ones. */
export function findCentre({ axes, values }: NamedField): Structure {
  const [a, b, c] = axes;
  const sums: [number, number, number] = [0, 0, 0];
  let known = 0;
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    known++;
    increment(sums, 0, Math.floor(index / (b.points * c.points)));
    increment(sums, 1, Math.floor(index / c.points) % b.points);
    increment(sums, 2, index % c.points);
  });
  // The known region is convex, so the mean of its points is within it.
  const middle = (axis: NamedAxis, sum: number) => valueAt(axis, known === 0 ? (axis.points - 1) / 2 : Math.round(sum / known));
  return [middle(a, sums[0]), middle(b, sums[1]), middle(c, sums[2])];
}
