import type { Method, TrialConfiguration } from '../models/engine.ts';
import type { ScaleX, ScaleY } from '../models/scaling.ts';

/** How one parameter of the space is drawn: a constant, a finite choice, or a range. */
export type Dimension<T> =
  | { readonly kind: 'constant'; readonly value: T }
  | { readonly kind: 'choice'; readonly values: readonly T[] }
  | { readonly kind: 'log'; readonly low: number; readonly high: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

/**
 * What of a configuration may be swept beside method and width. In this order a grid turns, the first fastest: neighbours share their shape,
 * which engines that train equal shapes together like.
 */
export const PARAMETERS = [
  'learningRate',
  'weightDecay',
  'optimiser',
  'schedule',
  'dropout',
  'layerNorm',
  'activation',
  'hidden',
] as const satisfies readonly (keyof TrialConfiguration)[];
export type ParameterName = (typeof PARAMETERS)[number];

/** A value for each parameter. */
export type Point = Pick<TrialConfiguration, ParameterName>;

/** What each parameter is drawn from. */
export type Dimensions = { readonly [Name in ParameterName]: Dimension<Point[Name]> };

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

/** One sweep over one target, validated, defaults filled in: what the db stores and the workflow's activities read. */
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
  readonly halving: { readonly reduction: number; readonly rungs: number } | null;
}
