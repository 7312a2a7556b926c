import type { FailureCode } from './failures.ts';

export type { FailureCode } from './failures.ts';

/** A range of a rung's entrants: of the space's numbers on the first rung, of the survivors in the order of their numbers afterwards. */
export interface PackRange {
  readonly sweepId: string;
  readonly rung: number;
  /** From this place ... */
  readonly from: number;
  /** ... up to, and without, this one. */
  readonly to: number;
  /** Train what failed, instead of what has not run yet. */
  readonly retry: boolean;
}

/** What became of a pack. Rows are in the database; only counts travel. */
export interface PackResult {
  readonly trained: number;
  /** Already ended when the pack was looked at: a second attempt, or a second run of the sweep. */
  readonly skipped: number;
}

/** States of a sweep that the workflow records while it runs; the state at its end follows from the counts. */
export type RecordedState = 'running' | 'paused' | 'cancelled' | 'failed';

/** The side effects that the sweep asks for. */
export interface Activities {
  /** Trains the trials of the range that are still to do and writes their rows as they end. */
  trainPack(range: PackRange): Promise<PackResult>;
  /** Gives every trial of the range that is still to do the outcome 'failed'. Returns how many. */
  recordFailures(range: PackRange & { readonly code: FailureCode; readonly message: string }): Promise<number>;
  /** Decides who goes on after this rung. Returns the number of trials that enter the next. */
  promoteRung(at: { readonly sweepId: string; readonly rung: number }): Promise<number>;
  /** Fits ridge, PCA regression and PLS2 at each k, and the emulator where no ECA trial brings one. */
  baselines(sweepId: string): Promise<void>;
  setSweepState(to: { readonly sweepId: string; readonly state: RecordedState; readonly message?: string }): Promise<void>;
  /** Drops the weights of all but the best trials of each method and k. */
  keepBestModels(sweepId: string): Promise<void>;
  /** Reads the test figures, once, and stores the comparison of the methods. */
  compareSweep(sweepId: string): Promise<void>;
  /** Records the state that the counts of outcomes amount to, and returns it. */
  closeSweep(sweepId: string): Promise<'completed' | 'partial' | 'failed'>;
}
