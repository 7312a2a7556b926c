/** How a trial ended, and what it found. */
import type { SplitName } from '../axes.ts';

/**
 * Learning curve, one entry per epoch: covered variance on training (running, while weights change)
 * and validation rows.
 */
export interface LearningCurve {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Epoch (0-based) whose weights were kept. */
  readonly best: number;
}

/** The score of one split at one width or rank. */
export interface CoveredVarianceRow {
  readonly split: SplitName;
  readonly k: number;
  readonly coveredVariance: number;
  /** Structure-side covered variance of the expansion; null where the method has no expansion. */
  readonly structureCoveredVariance: number | null;
}

/**
 * Latent activations of one split: [rows, k], rows in the order of the split's row numbers. For
 * ECA, k is the highest rank.
 */
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

/** Endings are values: a divergence affects only its own trial. */
export type TrialReport =
  | (ReportBase & {
      readonly outcome: 'completed';
      readonly scores: readonly CoveredVarianceRow[];
      /** Covered variance of the full emulator per split; empty for methods without one. */
      readonly emulator: readonly { readonly split: SplitName; readonly coveredVariance: number }[];
      readonly latents: readonly LatentBlock[];
      /**
       * V [k, D] over the kept descriptors, standardised, orthonormal rows; null where the encoder
       * is not a projection.
       */
      readonly components: Float32Array | null;
      readonly curve: LearningCurve;
      /** The trained model in the format of model-file.ts, standardisation inside. */
      readonly model: Uint8Array;
    })
  | (ReportBase & {
      readonly outcome: 'rung';
      /** Best validation covered variance so far, by which halving ranks. */
      readonly validation: number;
      readonly checkpoint: Uint8Array;
      readonly curve: LearningCurve;
    })
  | (ReportBase & { readonly outcome: 'diverged'; readonly message: string; readonly curve: LearningCurve })
  | (ReportBase & { readonly outcome: 'failed'; readonly code: string; readonly message: string });
