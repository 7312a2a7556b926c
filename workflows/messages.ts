import { defineQuery, defineSignal } from '@temporalio/workflow';

/**
 * Stop within about a second: packs under way are interrupted and go on from their checkpoints
 * after `resume`.
 */
export const pauseSignal = defineSignal('pause');

export const resumeSignal = defineSignal('resume');

/**
 * Train the failed trials again once everything else has ended. A signal and not an update, so that
 * it can be sent together with the start of a new run when the sweep has finished
 * (signal-with-start).
 */
export const retryFailedSignal = defineSignal('retryFailed');

/** Where the workflow stands; counts by outcome are in the database. */
export interface SweepProgress {
  readonly paused: boolean;
  /** 'train' = the plan; 'retry' = once more over what failed; 'close' = comparison. */
  readonly stage: 'train' | 'retry' | 'close';
  /** Rung under way, 0-based, of `rungs`. */
  readonly rung: number;
  readonly rungs: number;
  /** Trials of this rung, and how many of them have been handed out. */
  readonly entrants: number;
  readonly next: number;
  /** Trials in packs that are waiting for a worker or on one. */
  readonly running: number;
}

export const progressQuery = defineQuery<SweepProgress>('progress');
