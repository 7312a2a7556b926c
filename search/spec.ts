import type { Method } from '../models/methods/catalogue.ts';
import type { ScaleX, ScaleY } from '../models/scaling.ts';
import type { Dimension, Dimensions, Point, TrainingParameter } from './parameters.ts';
import type { SamplerSpec, StatedSampler } from './samplers/table.ts';
import type { StoppingParts } from './stopping/table.ts';
import type { EngineName } from './trainer-classes.ts';

export interface SplitSpec {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly by: 'random' | 'group';
  /** Partitions that are drawn independently of each other; absent: one. */
  readonly repeats?: number;
  /** Partitions of which each tests another part of the rows; absent: none. */
  readonly folds?: number;
}

/** Shares of a split that names none. */
export const DEFAULT_SHARES = { train: 0.7, validation: 0.15, test: 0.15 } as const;

/** Returns the shares with so many folds; train and validation keep their default proportion. */
export function foldShares(folds: number): Pick<SplitSpec, 'train' | 'validation' | 'test'> {
  const { train, validation } = DEFAULT_SHARES;
  const rest = (1 - 1 / folds) / (train + validation);
  return { train: train * rest, validation: validation * rest, test: 1 / folds };
}

export const [DEFAULT_WEIGHT, DEFAULT_PRIORITY] = [1, 3] as const;

/** Returns the number of partitions of a sweep, each a division into train, validation and test. */
export const partitionCount = ({ split }: { readonly split: SplitSpec }): number => split.folds ?? split.repeats ?? 1;

/** Returns the number of test rows by that of training rows. */
export const testToTraining = ({ split }: { readonly split: SplitSpec }): number => split.test / split.train;

/** Trials whose latents are stored; `best`: those whose weights are kept. */
export const LATENT_POLICIES = ['all', 'best', 'none'] as const;
export type LatentPolicy = (typeof LATENT_POLICIES)[number];

/** Values of some methods. */
export type ByMethod<T> = Readonly<Partial<Record<Method, T>>>;

/** Weights of methods in the division of a budget; absent: 1. */
type Shares = { readonly shares?: ByMethod<number> };

/**
 * Most that a sweep spends: trials in all; seconds of one core in training; or minutes for which
 * it runs. Trials and core-seconds are divided among the methods, equally or by `shares`.
 */
export type Budget =
  | ({ readonly trials: number } & Shares)
  | ({ readonly coreSeconds: number } & Shares)
  | { readonly minutes: number };

/** Points that cells train first: the same for all cells, or those of each by its name. */
export type Enqueued = readonly Partial<Point>[] | Readonly<Record<string, readonly Partial<Point>[]>>;

/** Another sweep whose best configurations each cell trains first. */
export interface FindingsSource {
  /** Id or name. */
  readonly sweep: string;
  /** Configurations of each method and width. */
  readonly best: number;
}

export const DEFAULT_BEST = 3;

/** A search for the smallest width of each method that suffices, in place of training them all. */
export interface WidthSearch {
  /** Covered variance by which a width that suffices may fall short of the full emulator. */
  readonly margin: number;
}

export const [DEFAULT_MARGIN, DEFAULT_MAX_WIDTH] = [0.01, 16] as const;

/** A spec as a person states it, validated and with the defaults that no data are needed for. */
export interface StatedSpec extends Omit<SweepSpec, 'space' | 'sampler'> {
  /** Becomes enqueued points as the sweep starts. */
  readonly from?: FindingsSource;
  readonly sampler: StatedSampler;
  readonly space: Omit<SweepSpec['space'], 'weightDecay' | 'auto'> &
    Partial<Pick<SweepSpec['space'], 'weightDecay'>> & {
      /** `isOpen`: no widest one is stated, so that widths end with the descriptors. */
      readonly auto?: WidthSearch & { readonly isOpen?: true };
    };
}

/** A number, or how it is drawn where it varies. */
export type TrainingDimension = number | Exclude<Dimension<number>, { readonly kind: 'constant' }>;

/** One sweep over one target, validated and with all defaults: as it is stored. */
export interface SweepSpec extends StoppingParts {
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
    /** Trains only widths that decide which is the smallest that suffices; absent: all. */
    readonly auto?: WidthSearch;
    /** Architectures of `hidden` with more parameters are left out; absent: no limit. */
    readonly parameters?: { readonly max: number };
  } & Omit<Dimensions, TrainingParameter>;
  readonly seeds: readonly number[];
  readonly sampler: SamplerSpec;
  /** Absent: none. A budget of trials decides those of the sampler. */
  readonly budget?: Budget;
  /** Points that an adaptive sampler is given: they have the first numbers of their cells. */
  readonly enqueue?: Enqueued;
  readonly training: {
    readonly epochs: TrainingDimension;
    readonly batch: TrainingDimension;
    readonly patience: TrainingDimension;
    /** Starts of methods that are restarted. Absent: one, as in specs stored before. */
    readonly restarts?: number;
  };
  /** Id of the sweep that it extends: trials that are the same are those of that one. */
  readonly extends?: string;
  /** Trial that warm starts of each cell begin from, by the cell's name: 'ednn/2', 'eca'. */
  readonly warm?: Readonly<Record<string, string>>;
  /** Share of the trainers in relation to other sweeps; absent: DEFAULT_WEIGHT. */
  readonly weight?: number;
  /** 1 is trained before all others, 5 after them; absent: DEFAULT_PRIORITY. */
  readonly priority?: number;
  /** Class of the trainers, or of those of each method; absent: DEFAULT_CLASS. */
  readonly class?: string | ByMethod<string>;
  /** Engine, or that of each method; absent: any, as its trainer has it. */
  readonly engine?: EngineName | ByMethod<EngineName>;
  /** Absent: all, as in specs stored before. */
  readonly latents?: Exclude<LatentPolicy, 'all'>;
}
