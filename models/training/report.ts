/** How a trial ended, and what it found. */
import type { SplitName } from '../axes.ts';
import type { SplitScore } from '../evaluation/covered-variance.ts';

/** Covered variance by epoch, on training rows (while weights change) and validation rows. */
export interface LearningCurve {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  /** Epoch (0-based) whose weights were kept. */
  readonly best: number;
}

/** The score of one split at one width or rank. */
export interface CoveredVarianceRow extends SplitScore {
  readonly k: number;
  /** Structure-side covered variance of the expansion; null where the method has no expansion. */
  readonly structureCoveredVariance: number | null;
}

/** Latents of one split, [rows, k], in the order of its row numbers; k: width or highest rank. */
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
  /** The build that trained it, where that is not the engine's. */
  readonly build?: string;
}

/** Endings are values: a divergence affects only its own trial. */
export type TrialReport =
  | (ReportBase & {
      readonly outcome: 'completed';
      readonly scores: readonly CoveredVarianceRow[];
      /** Scores of the full emulator; empty for methods without one. */
      readonly emulator: readonly SplitScore[];
      readonly latents: readonly LatentBlock[];
      /** V [k, D] of a projection, orthonormal rows in standardised descriptors; else null. */
      readonly components: Float32Array | null;
      readonly curve: LearningCurve;
      /** The trained model in the format of model-file.ts, standardisation inside. */
      readonly model: Uint8Array;
    })
  | (ReportBase & {
      readonly outcome: 'rung';
      /** Best validation covered variance so far, by which rungs are decided. */
      readonly validation: number;
      readonly checkpoint: Uint8Array;
      readonly curve: LearningCurve;
    })
  | (ReportBase & { readonly outcome: 'diverged'; readonly message: string; readonly curve: LearningCurve })
  | (ReportBase & { readonly outcome: 'failed'; readonly code: string; readonly message: string });
