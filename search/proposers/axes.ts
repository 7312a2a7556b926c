/** The parameters of a space that vary, as axes along which proposers measure and search. */
import type { Stream } from '../../models/random.ts';
import {
  conditionOf,
  type Dimensions,
  dimensionOf,
  interpolate,
  PARAMETERS,
  type ParameterName,
  type Point,
  type RangeDimension,
  valuesOf,
} from '../parameters.ts';
import { completePoint } from '../samplers/points.ts';

interface Encoding {
  readonly name: ParameterName;
  /** Where points have a coordinate; null: everywhere. A missing coordinate is NaN. */
  readonly presence: Presence | null;
  /** Returns the coordinate of a value. */
  encode(value: unknown): number;
  /** Returns the value at a coordinate. */
  decode(coordinate: number): unknown;
}

/** Coordinates of an earlier axis, a choice, at which another axis has one. */
interface Presence {
  /** Position of the earlier axis. */
  readonly axis: number;
  readonly at: ReadonlySet<number>;
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

/** Returns the middle of the part of a number. */
export const centreOf = ({ edge }: WholeAxis, number: number): number => (edge(number) + edge(number + 1)) / 2;

/** Returns the axes of the parameters that vary; an axis comes after the one it depends on. */
export function axesOf(space: Dimensions): readonly Axis[] {
  const axes: Axis[] = [];
  for (const name of PARAMETERS) {
    const dimension = dimensionOf(space, name);
    if (dimension.kind === 'constant') continue;
    const presence = presenceOf(space, axes, name);
    // The parameter that it depends on never has a value for it.
    if (presence?.at.size === 0) continue;
    const encoding = { name, presence };
    if (dimension.kind === 'choice') axes.push(choiceAxis(encoding, dimension.values));
    else axes.push(dimension.whole ? wholeAxis(encoding, dimension) : realAxis(encoding, dimension));
  }
  return axes;
}

/** Returns where a parameter exists, null for everywhere. */
function presenceOf(space: Dimensions, axes: readonly Axis[], name: ParameterName): Presence | null {
  const condition = conditionOf(name);
  if (condition === null) return null;
  const { parent, values } = condition;
  const axis = axes.findIndex((one) => one.name === parent);
  const at = valuesOf(dimensionOf(space, parent)).flatMap((value, i) => (values.includes(value) ? [i] : []));
  return axis < 0 && at.length > 0 ? null : { axis, at: new Set(at) };
}

/** Whether a point with these coordinates has one on an axis. */
export const isOn = ({ presence }: Axis, coordinates: Float64Array): boolean =>
  presence === null || presence.at.has(coordinates[presence.axis] as number);

/** Returns the coordinates of a point: of each axis in turn, where the point has one on it. */
export function buildCoordinates(axes: readonly Axis[], coordinateOf: (axis: Axis, i: number) => number): Float64Array {
  const coordinates = new Float64Array(axes.length).fill(Number.NaN);
  for (const [i, axis] of axes.entries()) if (isOn(axis, coordinates)) coordinates[i] = coordinateOf(axis, i);
  return coordinates;
}

/** Draws a coordinate as points of a space are drawn: evenly over a range, or over the values. */
export function drawCoordinate(axis: Axis, { uniform }: Stream): number {
  if (axis.kind === 'choice') return Math.floor(uniform() * axis.size);
  return axis.kind === 'whole' ? axis.numberAt(uniform()) : uniform();
}

/** Returns the coordinates of a point. Throws RangeError where it has a value outside the space. */
export const encodePoint = (axes: readonly Axis[], point: Point): Float64Array =>
  buildCoordinates(axes, ({ name, encode }) => {
    const coordinate = encode(point[name]);
    // A draw around it would never end.
    if (!Number.isFinite(coordinate)) throw new RangeError(`the space has no ${name} of ${JSON.stringify(point[name])}`);
    return coordinate;
  });

/** Returns the point at these coordinates; constants have their value. */
export const decodePoint = (space: Dimensions, axes: readonly Axis[], coordinates: Float64Array): Point =>
  completePoint(space, Object.fromEntries(axes.map(({ name, decode }, i) => [name, decode(coordinates[i] as number)])));

type Shared = Pick<Axis, 'name' | 'presence'>;

/** Returns the position of a number on the way from low to high: the inverse of interpolate. */
const positionOf = (kind: RangeDimension['kind'], low: number, high: number, value: number): number =>
  kind === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

function realAxis(encoding: Shared, { kind, low, high }: RangeDimension): RealAxis {
  return {
    kind: 'real',
    ...encoding,
    encode: (value) => (typeof value === 'number' ? Math.min(1, Math.max(0, positionOf(kind, low, high, value))) : Number.NaN),
    decode: (coordinate) => Math.min(high, Math.max(low, interpolate(kind, [low, high], coordinate))),
  };
}

function wholeAxis(encoding: Shared, { kind, low, high }: RangeDimension): WholeAxis {
  return {
    kind: 'whole',
    ...encoding,
    low,
    high,
    encode: (value) => (Number.isInteger(value) ? (value as number) : Number.NaN),
    decode: (coordinate) => coordinate,
    edge: (value) => positionOf(kind, low, high + 1, value),
    numberAt: (position) => Math.min(high, Math.max(low, Math.floor(interpolate(kind, [low, high + 1], position)))),
  };
}

function choiceAxis(encoding: Shared, values: readonly unknown[]): ChoiceAxis {
  const indices = new Map(values.map((value, i) => [String(value), i]));
  return {
    kind: 'choice',
    ...encoding,
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
