/** What a trial is, apart from its seed and its data. */
import type { Method } from '../methods/catalogue.ts';
import type { Activation, OptimiserName } from '../networks/network.ts';
import type { ScheduleName } from './schedule.ts';

/** Where a trial's weights come from: drawn, or carried over from an earlier trial's model. */
export const STARTS = ['scratch', 'warm'] as const;
export type Start = (typeof STARTS)[number];

/** Everything that shapes a trial apart from its seed and its data. */
export interface TrialConfiguration {
  readonly method: Method;
  /** Bottleneck width; for ECA the highest rank, one fit yields ranks 1..k. */
  readonly k: number;
  /** Widths of the hidden layers: of the decoder, of the emulator, and mirrored in EDNN's encoder. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Layer normalisation of the hidden layers. */
  readonly layerNorm: boolean;
  /** Share of the hidden units that is dropped in training. */
  readonly dropout: number;
  readonly optimiser: OptimiserName;
  readonly weightDecay: number;
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly epochs: number;
  /** Rows of a mini-batch. */
  readonly batch: number;
  /** Epochs without a better validation score before training stops; 0 = never stop early. */
  readonly patience: number;
  /** Left out: from scratch. */
  readonly start?: 'warm';
  /** Of a warm start: id of the trial whose model it starts from. */
  readonly warm?: string;
}
