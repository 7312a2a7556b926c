import type { Method } from '../models/methods/catalogue.ts';
import type { ScaleX, ScaleY } from '../models/scaling.ts';
import type { Dimensions } from './parameters.ts';
import type { SamplerSpec } from './samplers/table.ts';

export interface SplitSpec {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly by: 'random' | 'group';
}

/** One sweep over one target, validated and with defaults: as it is stored. */
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
  /** Trial that warm starts of each cell begin from, by the cell's name: 'ednn/2', 'eca'. */
  readonly warm?: Readonly<Record<string, string>>;
  readonly halving: { readonly reduction: number; readonly rungs: number } | null;
}
