/** The contract of every engine; test/models/engines/contract.ts runs it. */
import type { TrialReport } from '../training/report.ts';
import type { PackData, TrialTask } from '../training/task.ts';

/** Trials trained together on one data set; shapes may differ. */
export interface Pack {
  readonly data: PackData;
  readonly tasks: readonly TrialTask[];
}

export interface TrainHooks {
  /** Aborted: train() rejects with the signal's reason within a second. */
  readonly signal: AbortSignal;
  /** Called as each trial ends or reaches its rung. */
  readonly onReport: (report: TrialReport) => void;
  /** Called after epochs, at most some times a second per trial. */
  readonly onProgress: (progress: { trialId: string; epoch: number; validation: number }) => void;
  /** Called about every `checkpointSeconds` for each trial in training. */
  readonly onCheckpoint: (checkpoint: { trialId: string; epoch: number; bytes: Uint8Array }) => void;
  readonly checkpointSeconds: number;
}

/** Trains packs. The bits of a trial do not depend on its pack, order, threads or interruptions. */
export interface Engine {
  /** 'kernel', 'tfjs' or 'null': part of the unique key of results. */
  readonly name: string;
  /** Names the build: e.g. 'wasm-simd-relaxed/3f2a9c…'. Stored with every trial. */
  readonly build: string;
  readonly threads: number;
  /** Resolves with the reports in the order of the tasks. Concurrent calls share the threads. */
  train(pack: Pack, hooks: TrainHooks): Promise<TrialReport[]>;
  close(): Promise<void>;
}
