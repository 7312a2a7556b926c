/**
 * A series: structures grouped by what was done to them (a pressure, a temperature). Per group the
 * mean of the latents is expanded back into a mean structure, and what that structure means (a
 * distance) is compared with the known mean of the same rows.
 */
import type { Interval, Matrix } from '../axes.ts';
import type { DescriptorColumn } from '../descriptor.ts';
import { expandRow, projectRow } from '../methods/projection.ts';
import type { AxisScaling } from '../scaling.ts';
import { unstandardize } from '../standardisation.ts';
import { meanOf, rowOf, spanOf, transpose } from '../vectors.ts';

/**
 * A quantity read off descriptors: the mean over its columns of numerator / x, e.g. a distance Z_i
 * Z_j / C_ij from elements of a Coulomb matrix; numerator null: of x itself.
 */
export interface Quantity extends Pick<DescriptorColumn, 'name' | 'unit'> {
  readonly columns: readonly { readonly column: number; readonly numerator: number | null }[];
}

export interface SeriesPoint {
  /** The group's value, as written in the dataset. */
  readonly value: string;
  readonly rows: number;
  /** Mean over the rows of the quantity, by quantity. */
  readonly known: readonly number[];
  /** By quantity: over seeds, from the expansion of the group's mean latents. */
  readonly reconstructed: readonly Interval[];
}

export interface SeriesReconstruction {
  readonly points: readonly SeriesPoint[];
  /** By quantity: root mean square over the groups of reconstructed minus known. */
  readonly errors: readonly number[];
  /** By quantity: the same for the mean over all rows, which a component must beat. */
  readonly spread: readonly number[];
}

/**
 * Reads x [N, D] (standardised) at `rows`, grouped by `values` (of every row of x), with components
 * V [k, D] per seed. Groups are in the order of their numbers, or else of their names.
 */
export function reconstructSeries(
  x: Matrix,
  rows: Uint32Array,
  values: readonly string[],
  scaling: AxisScaling,
  components: readonly Float32Array[],
  quantities: readonly Quantity[],
): SeriesReconstruction {
  const groups = Map.groupBy(rows, (row) => values[row] as string);
  const names = [...groups.keys()].sort(byNumber);
  const physical = (row: ArrayLike<number>) =>
    unstandardize({ rows: 1, columns: row.length, data: Float32Array.from(row) }, scaling).data;
  const points = names.map((value): SeriesPoint => {
    const members = groups.get(value) as number[];
    const known = meanRow(members.map((row) => quantities.map((quantity) => read(quantity, physical(rowOf(x, row))))));
    // The expansion is linear: that of the mean latents is that of the mean structure.
    const mean = meanRow(members.map((row) => [...rowOf(x, row)]));
    const bySeed = components.map((V) => {
      const structure = physical(expandRow(projectRow(mean, V), V));
      return quantities.map((quantity) => read(quantity, structure));
    });
    return { value, rows: members.length, known, reconstructed: transpose(bySeed).map(spanOf) };
  });
  const overall = meanRow(points.map(({ known }) => known));
  const rms = (difference: (point: SeriesPoint, q: number) => number) =>
    quantities.map((_, q) => Math.sqrt(meanOf(points.map((point) => difference(point, q) ** 2))));
  return {
    points,
    errors: rms(({ reconstructed, known }, q) => (reconstructed[q] as Interval).mean - (known[q] as number)),
    spread: rms(({ known }, q) => (overall[q] as number) - (known[q] as number)),
  };
}

/** The quantity of one structure x [D] in physical units. */
export function read({ columns }: Quantity, x: ArrayLike<number>): number {
  return meanOf(
    columns.map(({ column, numerator }) => (numerator === null ? (x[column] as number) : numerator / (x[column] as number))),
  );
}

const meanRow = (rows: readonly (readonly number[])[]): number[] => transpose(rows).map(meanOf);

function byNumber(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b, 'en') : difference;
}
