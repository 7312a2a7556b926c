/** Packs of trials as they travel between the workflow and its activities. */

/**
 * Range of a rung's entrants: numbers of the space on the first rung, afterwards places among the
 * survivors in the order of their numbers.
 */
export interface PackRange {
  readonly sweepId: string;
  readonly rung: number;
  /** First place ... */
  readonly from: number;
  /** ... and the one after the last. */
  readonly to: number;
  /** Trains what failed instead of what has not run yet. */
  readonly retry: boolean;
}

/** Counts of a pack that came back; its rows are in the database. */
export interface PackResult {
  readonly trained: number;
  /** Trials that had ended before: a second attempt, or a second run of the sweep. */
  readonly skipped: number;
}
