/** The parameters of a search space, and how each is drawn. */
import type { Start, TrialConfiguration } from '../models/training/configuration.ts';

/** How one parameter is drawn: a constant, a finite choice, or a range, of whole numbers or not. */
export type Dimension<T> =
  | { readonly kind: 'constant'; readonly value: T }
  | { readonly kind: 'choice'; readonly values: readonly T[] }
  | RangeDimension;

export type RangeDimension = ({ readonly kind: 'log' } & Range) | ({ readonly kind: 'uniform' } & Range);

export interface Range {
  readonly low: number;
  /** Drawn as well where numbers are whole. */
  readonly high: number;
  readonly whole?: true;
}

/**
 * Parameters that may be swept, in addition to method and width. A grid turns them in this order,
 * the first fastest: neighbours share their shape, and engines train equal shapes together.
 */
export const PARAMETERS = [
  'learningRate',
  'weightDecay',
  'optimiser',
  'momentum',
  'schedule',
  'warmUp',
  'targetWeighting',
  'start',
  'dropout',
  'layerNorm',
  'activation',
  'patience',
  'epochs',
  'batch',
  'hidden',
] as const satisfies readonly (keyof TrialConfiguration)[];
export type ParameterName = (typeof PARAMETERS)[number];

/** Where a parameter exists: another one, earlier in PARAMETERS, has one of these values. */
export interface Condition {
  readonly parent: ParameterName;
  readonly values: readonly unknown[];
}

/**
 * Parameters that exist only where another one has certain values. A point has no value of a
 * parameter that does not exist there: points that would differ in nothing else are the same.
 */
const CONDITIONS = {
  momentum: { parent: 'optimiser', values: ['sgd'] },
  warmUp: { parent: 'schedule', values: ['one-cycle'] },
} as const satisfies { readonly [Name in ParameterName]?: Condition };

/** A parameter that exists only under a condition. */
export type ConditionalParameter = keyof typeof CONDITIONS;

/** Returns where a parameter exists; null: everywhere. */
export const conditionOf = (name: ParameterName): Condition | null =>
  name in CONDITIONS ? CONDITIONS[name as ConditionalParameter] : null;

/** Whether a parameter exists at a point, which has values of the parameters before it. */
export function isPresent(name: ParameterName, point: Partial<Point>): boolean {
  const condition = conditionOf(name);
  return condition === null || condition.values.includes(point[condition.parent]);
}

/** Parameters that a spec states under `training`; all others stand under `space`. */
const TRAINING_PARAMETERS = ['batch', 'epochs', 'patience'] as const satisfies readonly ParameterName[];
export type TrainingParameter = (typeof TRAINING_PARAMETERS)[number];

/** Parameters that a spec states under `space`, in the order of PARAMETERS. */
export const SPACE_PARAMETERS = PARAMETERS.filter(
  (name): name is Exclude<ParameterName, TrainingParameter> => !(TRAINING_PARAMETERS as readonly string[]).includes(name),
);

/** Returns the path of a parameter in a spec: 'space.hidden', 'training.batch'. */
export const parameterPath = (name: ParameterName): string =>
  `${(TRAINING_PARAMETERS as readonly string[]).includes(name) ? 'training' : 'space'}.${name}`;

/** Parameters that a space may leave out, in addition to those under a condition. */
const OPTIONAL_PARAMETERS = ['start', 'epochs', 'targetWeighting'] as const satisfies readonly ParameterName[];
export type OptionalParameter = (typeof OPTIONAL_PARAMETERS)[number] | ConditionalParameter;

/** Whether a space may leave a parameter out: its trials then have the default. */
export const isOptional = (name: ParameterName): name is OptionalParameter =>
  (OPTIONAL_PARAMETERS as readonly string[]).includes(name) || conditionOf(name) !== null;

/** A value for each parameter that exists there, and that the space has. */
export type Point = Pick<TrialConfiguration, Exclude<ParameterName, 'start' | 'epochs'>> & {
  readonly start: Start;
  /** Absent: those of the spec, the same for every point. */
  readonly epochs?: number;
};

/** The dimension of each parameter. */
export type Dimensions = {
  readonly [Name in Exclude<ParameterName, OptionalParameter>]: Dimension<Point[Name]>;
} & {
  /** Absent: every trial starts from scratch, as in specs stored before there were warm starts. */
  readonly start?: Dimension<Start>;
} & {
  /** Absent: no point has a value, and all trials are trained alike. */
  readonly [Name in Exclude<OptionalParameter, 'start'>]?: Dimension<number>;
};

/** Returns the dimension of a parameter; the constant undefined: points have no value of it. */
export const dimensionOf = (space: Dimensions, name: ParameterName): Dimension<unknown> =>
  space[name] ?? { kind: 'constant', value: name === 'start' ? 'scratch' : undefined };

/** Whether points have no value of the parameter with this dimension. */
export const isAbsent = (dimension: Dimension<unknown>): boolean =>
  dimension.kind === 'constant' && dimension.value === undefined;

/** Returns the values of a constant or a choice; none for a range. */
export function valuesOf<T>(dimension: Dimension<T>): readonly T[] {
  if (dimension.kind === 'choice') return dimension.values;
  return dimension.kind === 'constant' ? [dimension.value] : [];
}

/** Returns the number of different values of a dimension. */
export function countValues(dimension: Dimension<unknown>): number {
  if (dimension.kind === 'constant' || dimension.kind === 'choice') return valuesOf(dimension).length;
  return dimension.whole ? 1 + dimension.high - dimension.low : Number.POSITIVE_INFINITY;
}

/** Returns the value of a dimension at u in [0, 1). */
export function valueAt<T>(dimension: Dimension<T>, u: number): T {
  switch (dimension.kind) {
    case 'constant':
      return dimension.value;
    case 'choice':
      // A little more than u, so that i / n gives choice i whatever the rounding.
      return dimension.values[Math.min(dimension.values.length - 1, Math.floor(u * dimension.values.length + 1e-9))] as T;
    case 'log':
    case 'uniform':
      return drawFrom(dimension, u) as T;
  }
}

/** Returns the number at t in [0, 1] of the way from low to high, of the logarithm for `log`. */
export const interpolate = (kind: 'log' | 'uniform', [low, high]: readonly [number, number], t: number): number =>
  kind === 'log' ? low * (high / low) ** t : low + (high - low) * t;

/** Each whole number has the share of the range from itself up to the next. */
function drawFrom({ kind, low, high, whole }: Extract<Dimension<unknown>, Range>, u: number): number {
  const value = interpolate(kind, [low, whole ? high + 1 : high], u);
  return whole ? Math.min(high, Math.floor(value)) : value;
}

/** Builds a point from a value for each parameter; those that do not exist there are left out. */
export function buildPoint(valueFor: (name: ParameterName) => unknown): Point {
  const point: { [Name in ParameterName]?: unknown } = {};
  for (const name of PARAMETERS) {
    const value = isPresent(name, point as Partial<Point>) ? valueFor(name) : undefined;
    if (value !== undefined) point[name] = value;
  }
  return point as unknown as Point;
}

/** Returns the point of a configuration. */
export const pointOf = (configuration: TrialConfiguration): Point =>
  buildPoint((name) => configuration[name] ?? (name === 'start' ? 'scratch' : undefined));
