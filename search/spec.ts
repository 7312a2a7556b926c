import type { Method } from '../models/methods/catalogue.ts';
import type { ScaleX, ScaleY } from '../models/scaling.ts';
import type { Start, TrialConfiguration } from '../models/training/configuration.ts';

/** How one parameter of the space is drawn: a constant, a finite choice, or a range. */
export type Dimension<T> =
  | { readonly kind: 'constant'; readonly value: T }
  | { readonly kind: 'choice'; readonly values: readonly T[] }
  | { readonly kind: 'log'; readonly low: number; readonly high: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

/**
 * What of a configuration may be swept beside method and width. In this order a grid turns, the
 * first fastest: neighbours share their shape, which engines that train equal shapes together like.
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
  'hidden',
] as const satisfies readonly (keyof TrialConfiguration)[];
export type ParameterName = (typeof PARAMETERS)[number];

/** A value for each parameter. */
export type Point = Pick<TrialConfiguration, Exclude<ParameterName, 'start'>> & { readonly start: Start };

/** What each parameter is drawn from. */
export type Dimensions = { readonly [Name in Exclude<ParameterName, 'start'>]: Dimension<Point[Name]> } & {
  /**
   * Left out: every trial starts from scratch, as in specs that were stored before there were warm
   * starts.
   */
  readonly start?: Dimension<Start>;
};

/** What this parameter is drawn from. */
export function dimensionOf<Name extends ParameterName>({ space }: Pick<SweepSpec, 'space'>, name: Name): Dimension<Point[Name]> {
  const dimension: Dimension<unknown> = space[name] ?? { kind: 'constant', value: 'scratch' };
  return dimension as Dimension<Point[Name]>;
}

/** Of a constant or a choice; a range has none to list. */
export function valuesOf<T>(dimension: Dimension<T>): readonly T[] {
  if (dimension.kind === 'choice') return dimension.values;
  return dimension.kind === 'constant' ? [dimension.value] : [];
}

export interface SplitSpec {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly by: 'random' | 'group';
}

export type SamplerSpec =
  | { readonly kind: 'grid'; readonly steps: number }
  /** Trials in all, over methods, widths and seeds; dealt to the (method, k) cells in turn. */
  | { readonly kind: 'random'; readonly trials: number; readonly seed: number }
  /** Every cell trains each of these; what a point leaves out is a constant of the space. */
  | { readonly kind: 'list'; readonly points: readonly Partial<Point>[] };

/**
 * One sweep over one target, validated, defaults filled in: what the db stores and the workflow's
 * activities read.
 */
export interface SweepSpec {
  readonly name: string;
  /** Dataset name, resolved to `version` when the sweep starts. */
  readonly dataset: string;
  readonly target: string;
  readonly split: SplitSpec;
  readonly scale: { readonly x: ScaleX; readonly y: ScaleY };
  readonly methods: readonly Method[];
  readonly space: {
    /** Widths (EDNN, NNCA) and ranks (ECA: one fit of the highest yields all), rising. */
    readonly k: readonly number[];
  } & Dimensions;
  readonly seeds: readonly number[];
  readonly sampler: SamplerSpec;
  readonly training: { readonly epochs: number; readonly batch: number; readonly patience: number };
  /**
   * Trial whose model each cell's warm starts begin from, by the cell's name ('ednn/2', 'eca');
   * left out where nothing starts warm.
   */
  readonly warm?: Readonly<Record<string, string>>;
  readonly halving: { readonly reduction: number; readonly rungs: number } | null;
}
