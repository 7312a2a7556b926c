/** Points as rows of numbers, between which distances are measured. */
import { type Axis, centreOf } from '../axes.ts';

/** Columns of an axis; those with one length scale have the same group. */
interface Part {
  readonly columns: number;
  readonly groups: readonly number[];
  write(coordinate: number, row: Float64Array, at: number): void;
}

export interface Embedding {
  readonly columns: number;
  /** Number of length scales. */
  readonly groups: number;
  /** Group of each column, [columns]. */
  readonly groupOf: Int32Array;
  /** First column of each axis, [axes]. */
  readonly first: Int32Array;
  /** Returns the row of a point, [columns], from its coordinates. */
  embed(coordinates: Float64Array): Float64Array;
}

/** Where a point is that has no coordinate. */
const MIDDLE = 0.5;

/**
 * Returns the embedding of the points over these axes. Ranges have one column in [0, 1], choices
 * one for each of their features. Names have one for each name, so that any two have distance 1. A
 * point without a coordinate is in the middle of its columns: what sets it apart is the axis that
 * the missing one depends on.
 */
export function createEmbedding(axes: readonly Axis[]): Embedding {
  const parts = axes.map(partOf);
  const first = new Int32Array(axes.length);
  const groupOf: number[] = [];
  let groups = 0;
  for (const [i, part] of parts.entries()) {
    first[i] = groupOf.length;
    groupOf.push(...part.groups.map((group) => groups + group));
    groups += 1 + Math.max(...part.groups);
  }
  return {
    columns: groupOf.length,
    groups,
    groupOf: Int32Array.from(groupOf),
    first,
    embed(coordinates) {
      const row = new Float64Array(groupOf.length);
      for (const [i, { columns, write }] of parts.entries()) {
        const [coordinate, at] = [coordinates[i] as number, first[i] as number];
        if (Number.isNaN(coordinate)) row.fill(MIDDLE, at, at + columns);
        else write(coordinate, row, at);
      }
      return row;
    },
  };
}

function partOf(axis: Axis): Part {
  switch (axis.kind) {
    case 'real':
      return single((coordinate) => coordinate);
    case 'whole':
      return single((number) => centreOf(axis, number));
    case 'choice':
      if (axis.features.length > 0) return featurePart(axis.features);
      return axis.size === 2 ? single((index) => index) : namePart(axis.size);
  }
}

const single = (place: (coordinate: number) => number): Part => ({
  columns: 1,
  groups: [0],
  write(coordinate, row, at) {
    row[at] = place(coordinate);
  },
});

const featurePart = (features: readonly Float64Array[]): Part => ({
  columns: features.length,
  groups: features.map((_, i) => i),
  write(index, row, at) {
    for (const [i, feature] of features.entries()) row[at + i] = feature[index] as number;
  },
});

const namePart = (size: number): Part => ({
  columns: size,
  groups: Array<number>(size).fill(0),
  write(index, row, at) {
    row[at + index] = Math.SQRT1_2;
  },
});
