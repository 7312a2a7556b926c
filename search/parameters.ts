/** The parameters of a search space, and how each is drawn. */
import type { Start, TrialConfiguration } from '../models/training/configuration.ts';

/** How one parameter is drawn: a constant, a finite choice, or a range, of whole numbers or not. */
export type Dimension<T> =
  | { readonly kind: 'constant'; readonly value: T }
  | { readonly kind: 'choice'; readonly values: readonly T[] }
  | ({ readonly kind: 'log' } & Range)
  | ({ readonly kind: 'uniform' } & Range);

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
  'schedule',
  'start',
  'dropout',
  'layerNorm',
  'activation',
  'patience',
  'batch',
  'hidden',
] as const satisfies readonly (keyof TrialConfiguration)[];
export type ParameterName = (typeof PARAMETERS)[number];

/** Parameters that a spec states under `training`; all others stand under `space`. */
export const TRAINING_PARAMETERS = ['batch', 'patience'] as const satisfies readonly ParameterName[];
export type TrainingParameter = (typeof TRAINING_PARAMETERS)[number];

/** Parameters that a spec states under `space`, in the order of PARAMETERS. */
export const SPACE_PARAMETERS = PARAMETERS.filter(
  (name): name is Exclude<ParameterName, TrainingParameter> => !(TRAINING_PARAMETERS as readonly string[]).includes(name),
);

/** Returns the path of a parameter in a spec: 'space.hidden', 'training.batch'. */
export const parameterPath = (name: ParameterName): string =>
  `${(TRAINING_PARAMETERS as readonly string[]).includes(name) ? 'training' : 'space'}.${name}`;

/** A value for each parameter. */
export type Point = Pick<TrialConfiguration, Exclude<ParameterName, 'start'>> & { readonly start: Start };

/** The dimension of each parameter. */
export type Dimensions = { readonly [Name in Exclude<ParameterName, 'start'>]: Dimension<Point[Name]> } & {
  /** Absent: every trial starts from scratch, as in specs stored before there were warm starts. */
  readonly start?: Dimension<Start>;
};

/** Returns the dimension of a parameter. */
export const dimensionOf = (space: Dimensions, name: ParameterName): Dimension<unknown> =>
  space[name] ?? { kind: 'constant', value: 'scratch' };

/** Returns the values of a constant or a choice; none for a range. */
export function valuesOf<T>(dimension: Dimension<T>): readonly T[] {
  if (dimension.kind === 'choice') return dimension.values;
  return dimension.kind === 'constant' ? [dimension.value] : [];
}

/** Returns the number of different points of a space, Infinity where it has a range of reals. */
export const countDistinct = (space: Dimensions): number =>
  PARAMETERS.reduce((product, name) => product * countValues(dimensionOf(space, name)), 1);

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

/** Builds a point from a value for each parameter. */
export const buildPoint = (valueFor: (name: ParameterName, index: number) => unknown): Point =>
  Object.fromEntries(PARAMETERS.map((name, i) => [name, valueFor(name, i)])) as unknown as Point;

/** Returns combination `number` of a list of values per parameter, the first turning fastest. */
export function pickCombination(number: number, lists: readonly (readonly unknown[])[]): Point {
  let rest = number;
  return buildPoint((_name, i) => {
    const list = lists[i] ?? [];
    const value = list[rest % list.length];
    rest = Math.floor(rest / list.length);
    return value;
  });
}
