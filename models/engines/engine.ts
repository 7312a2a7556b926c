import type { SplitName, SplitRows } from '../axes.ts';
import type { Activation, OptimiserName, TrainingData } from '../networks/network.ts';
import type { Scaling } from '../scaling.ts';
import type { ScheduleName } from '../training/schedule.ts';

export const METHODS = ['ednn', 'eca', 'nnca'] as const;
export type Method = (typeof METHODS)[number];

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

/** One trial to train, from its start or from a checkpoint, up to an epoch. */
export interface TrialTask {
  readonly trialId: string;
  readonly configuration: TrialConfiguration;
  readonly seed: number;
  /** Epoch at which this rung ends; equal to configuration.epochs on the last rung. */
  readonly untilEpoch: number;
  readonly checkpoint: Uint8Array | null;
  /** Of a configuration that starts warm: the model in the format of model-file.ts, which a trial that is resumed is given as well. */
  readonly initial: Uint8Array | null;
}

/** The data of a pack: standardised, with the split and the scaling that turns it back into physical units. */
export interface PackData extends TrainingData {
  readonly rows: SplitRows;
  readonly scaling: Scaling;
}

/** Trials trained together on one data set; shapes may differ. */
export interface Pack {
  readonly data: PackData;
  readonly tasks: readonly TrialTask[];
}

/** Learning curve, one entry per epoch: covered variance on training (running, while weights change) and validation rows. */
export interface LearningCurve {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Epoch (0-based) whose weights were kept. */
  readonly best: number;
}

/** A figure of one split at one width or rank. */
export interface CoveredVarianceRow {
  readonly split: SplitName;
  readonly k: number;
  readonly coveredVariance: number;
  /** Structure-side covered variance of the expansion; null where the method has no expansion. */
  readonly structureCoveredVariance: number | null;
}

/** Latent activations of one split: [rows, k], rows in the order of the split's row numbers. For ECA, k is the highest rank. */
export interface LatentBlock {
  readonly split: SplitName;
  readonly k: number;
  readonly rows: number;
  readonly data: Float32Array;
}

interface ReportBase {
  readonly trialId: string;
  /** Epochs trained so far, over all rungs. */
  readonly epochs: number;
  /** Seconds of this call spent on the trial. */
  readonly seconds: number;
}

/** Endings are values: a divergence spoils only its own trial. */
export type TrialReport =
  | (ReportBase & {
      readonly outcome: 'completed';
      readonly figures: readonly CoveredVarianceRow[];
      /** Covered variance of ECA's full emulator per split; empty for the other methods. */
      readonly emulator: readonly { readonly split: SplitName; readonly coveredVariance: number }[];
      readonly latents: readonly LatentBlock[];
      /** V [k, D] over the kept descriptors, standardised, orthonormal rows; null for EDNN, whose encoder is no projection. */
      readonly components: Float32Array | null;
      readonly curve: LearningCurve;
      /** The trained model in the format of model-file.ts, standardisation inside. */
      readonly model: Uint8Array;
    })
  | (ReportBase & {
      readonly outcome: 'rung';
      /** Best validation covered variance so far: what halving ranks by. */
      readonly validation: number;
      readonly checkpoint: Uint8Array;
      readonly curve: LearningCurve;
    })
  | (ReportBase & { readonly outcome: 'diverged'; readonly message: string; readonly curve: LearningCurve })
  | (ReportBase & { readonly outcome: 'failed'; readonly code: string; readonly message: string });

export interface TrainHooks {
  /** Aborted: train() rejects with the signal's reason within a second. */
  readonly signal: AbortSignal;
  /** Called as each trial ends (or reaches its rung), in the order of ending. */
  readonly onReport: (report: TrialReport) => void;
  /** Called after epochs, at most some times a second per trial. */
  readonly onProgress: (progress: { trialId: string; epoch: number; validation: number }) => void;
  /** Called about every `checkpointSeconds` for each trial in training. */
  readonly onCheckpoint: (checkpoint: { trialId: string; epoch: number; bytes: Uint8Array }) => void;
  readonly checkpointSeconds: number;
}

/** Trains packs. Bits of a trial do not depend on its pack, order, number of threads, or interruptions. */
export interface Engine {
  /** 'kernel', 'tfjs' or 'null': part of the unique key of results. */
  readonly name: string;
  /** Names the build: e.g. 'wasm-simd-relaxed/3f2a9c…'. Stored with every trial. */
  readonly build: string;
  readonly threads: number;
  /** Several calls may be under way at once; they share the threads. Resolves with reports in the order of the tasks. */
  train(pack: Pack, hooks: TrainHooks): Promise<TrialReport[]>;
  close(): Promise<void>;
}
