/** The parameters of a space that vary, as axes along which proposers measure and search. */
import {
  type Dimension,
  type Dimensions,
  dimensionOf,
  interpolate,
  PARAMETERS,
  type ParameterName,
  type Point,
  type Range,
} from '../parameters.ts';
import { completePoint } from '../samplers/points.ts';

interface Encoding {
  readonly name: ParameterName;
  /** Returns the coordinate of a value. */
  encode(value: unknown): number;
  /** Returns the value at a coordinate. */
  decode(coordinate: number): unknown;
}

/** A range of real numbers; coordinates are positions from 0 (low) to 1 (high), as drawn. */
export interface RealAxis extends Encoding {
  readonly kind: 'real';
}

/** A range of whole numbers, which are the coordinates: each has a part of [0, 1], as drawn. */
export interface WholeAxis extends Encoding {
  readonly kind: 'whole';
  readonly low: number;
  readonly high: number;
  /** Returns where the part of a number begins; that of high + 1 is 1. */
  edge(value: number): number;
  /** Returns the number that has this position, 0 <= position < 1. */
  numberAt(position: number): number;
}

/** A choice; coordinates are the positions of its values in the list. */
export interface ChoiceAxis extends Encoding {
  readonly kind: 'choice';
  readonly size: number;
  /** Columns, [size], in [0, 1], that place similar values close together; none: no order. */
  readonly features: readonly Float64Array[];
}

export type Axis = RealAxis | WholeAxis | ChoiceAxis;

/** Returns the axes of the parameters that vary. */
export const axesOf = (space: Dimensions): readonly Axis[] =>
  PARAMETERS.flatMap((name): Axis[] => {
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'constant') return [];
    if (dimension.kind === 'choice') return [choiceAxis(name, dimension.values)];
    return [dimension.whole ? wholeAxis(name, dimension) : realAxis(name, dimension)];
  });

/** Returns the coordinates of a point. Throws RangeError where it has a value outside the space. */
export const encodePoint = (axes: readonly Axis[], point: Point): Float64Array =>
  new Float64Array(
    axes.map(({ name, encode }) => {
      const coordinate = encode(point[name]);
      // A draw around it would never end.
      if (!Number.isFinite(coordinate)) throw new RangeError(`the space has no ${name} of ${JSON.stringify(point[name])}`);
      return coordinate;
    }),
  );

/** Returns the point at these coordinates; constants have their value. */
export const decodePoint = (space: Dimensions, axes: readonly Axis[], coordinates: Float64Array): Point =>
  completePoint(space, Object.fromEntries(axes.map(({ name, decode }, i) => [name, decode(coordinates[i] as number)])));

type Ranged = Extract<Dimension<unknown>, Range>;

/** Returns the position of a number on the way from low to high: the inverse of interpolate. */
const positionOf = (kind: Ranged['kind'], low: number, high: number, value: number): number =>
  kind === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

function realAxis(name: ParameterName, { kind, low, high }: Ranged): RealAxis {
  return {
    kind: 'real',
    name,
    encode: (value) => (typeof value === 'number' ? Math.min(1, Math.max(0, positionOf(kind, low, high, value))) : Number.NaN),
    decode: (coordinate) => Math.min(high, Math.max(low, interpolate(kind, [low, high], coordinate))),
  };
}

function wholeAxis(name: ParameterName, { kind, low, high }: Ranged): WholeAxis {
  return {
    kind: 'whole',
    name,
    low,
    high,
    encode: (value) => (Number.isInteger(value) ? (value as number) : Number.NaN),
    decode: (coordinate) => coordinate,
    edge: (value) => positionOf(kind, low, high + 1, value),
    numberAt: (position) => Math.min(high, Math.max(low, Math.floor(interpolate(kind, [low, high + 1], position)))),
  };
}

function choiceAxis(name: ParameterName, values: readonly unknown[]): ChoiceAxis {
  const indices = new Map(values.map((value, i) => [String(value), i]));
  return {
    kind: 'choice',
    name,
    size: values.length,
    features: featuresOf(values),
    // Lists of layers are compared by their text.
    encode: (value) => indices.get(String(value)) ?? Number.NaN,
    decode: (coordinate) => values[coordinate],
  };
}

/**
 * Returns the features of the values of a choice. Numbers have their rank, since someone who lists
 * numbers chooses steps that matter equally. Hidden layers have their depth, and the logarithms of
 * their mean width and of their taper. Names have none.
 */
function featuresOf(values: readonly unknown[]): readonly Float64Array[] {
  if (values.every((value) => typeof value === 'number')) {
    const rising = values.toSorted((a, b) => a - b);
    return spread([values.map((value) => rising.indexOf(value))]);
  }
  if (values.every(isLayers)) {
    return spread([values.map(({ length }) => length), values.map(meanLogWidth), values.map(logTaper)]);
  }
  return [];
}

const isLayers = (value: unknown): value is readonly number[] => Array.isArray(value);

const meanLogWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + Math.log(width), 0) / Math.max(1, widths.length);

/** Returns the mean of the logarithm of the ratio of a layer's width to that of the one before. */
const logTaper = (widths: readonly number[]): number =>
  widths.length < 2 ? 0 : Math.log((widths.at(-1) as number) / (widths[0] as number)) / (widths.length - 1);

/** Scales columns to [0, 1]; drops those that are constant. */
const spread = (columns: readonly (readonly number[])[]): Float64Array[] =>
  columns.flatMap((column) => {
    const [low, high] = [Math.min(...column), Math.max(...column)];
    return high > low ? [Float64Array.from(column, (value) => (value - low) / (high - low))] : [];
  });
