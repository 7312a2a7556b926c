/** Parameters whose values have an order, each with its position in [0, 1]. */
import { type Dimension, type Dimensions, dimensionOf, type ParameterName, type Point } from '../../parameters.ts';
import { type Axis, axesOf } from '../axes.ts';

/** A part of [0, 1]. */
export type Part = readonly [low: number, high: number];

export interface OrderedAxis {
  readonly name: ParameterName;
  /** Returns the position of a value; the middle of its part where it has one. */
  positionOf(value: unknown): number;
  valueAt(position: number): unknown;
  /** Returns the part of the value at a position; null: every position has its own value. */
  readonly partAt: ((position: number) => Part) | null;
}

/** Whether the values of a dimension have an order: a constant, a range, or a choice of numbers. */
export const isOrdered = (dimension: Dimension<unknown>): boolean =>
  dimension.kind !== 'choice' || dimension.values.every((value) => typeof value === 'number');

/** Returns the axes of the parameters that vary. Throws RangeError where one has no order. */
export const orderedAxesOf = (space: Dimensions): readonly OrderedAxis[] =>
  axesOf(space).map((axis) => orderedAxis(axis, dimensionOf(space, axis.name)));

/** Returns the positions of a point. Throws RangeError where it has a value outside the space. */
export const positionsOf = (axes: readonly OrderedAxis[], point: Point): Float64Array =>
  Float64Array.from(axes, ({ name, positionOf }) => {
    const position = positionOf(point[name]);
    if (!(position >= 0 && position <= 1)) throw new RangeError(`the space has no ${name} of ${JSON.stringify(point[name])}`);
    return position;
  });

function orderedAxis(axis: Axis, dimension: Dimension<unknown>): OrderedAxis {
  const { name } = axis;
  switch (axis.kind) {
    case 'real':
      return { name, positionOf: axis.encode, valueAt: axis.decode, partAt: null };
    case 'whole':
      return steppedAxis(name, axis.encode, axis.numberAt, (number) => [axis.edge(number), axis.edge(number + 1)]);
    case 'choice': {
      if (dimension.kind !== 'choice' || !isOrdered(dimension)) throw new RangeError(`the values of ${name} have no order`);
      const rising = (dimension.values as readonly number[]).toSorted((a, b) => a - b);
      const { length } = rising;
      // Each has as much as the others, since numbers that a person lists matter alike.
      const axisOfRanks = steppedAxis(
        name,
        (value) => (rising.includes(value as number) ? rising.indexOf(value as number) : Number.NaN),
        (position) => Math.min(length - 1, Math.floor(position * length)),
        (rank) => [rank / length, (rank + 1) / length],
      );
      return { ...axisOfRanks, valueAt: (position) => rising[axisOfRanks.valueAt(position) as number] };
    }
  }
}

/** Returns the axis of values that are numbered, each with a part of [0, 1]. */
function steppedAxis(
  name: ParameterName,
  numberOf: (value: unknown) => number,
  numberAt: (position: number) => number,
  partOf: (number: number) => Part,
): OrderedAxis {
  return {
    name,
    positionOf(value) {
      const [low, high] = partOf(numberOf(value));
      return (low + high) / 2;
    },
    valueAt: numberAt,
    partAt: (position) => partOf(numberAt(position)),
  };
}
