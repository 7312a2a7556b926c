/**
 * What a retraining is told to do, and the two decisions that need nothing but numbers: which sweep
 * it trains, and what counts as enough to judge by.
 */

export const SCOPES = ['champion', 'sweep'] as const;
/**
 * `champion`: around the configurations of the champions; `sweep`: the whole sweep of the spec
 * again.
 */
export type Scope = (typeof SCOPES)[number];

export interface RetrainOptions {
  /**
   * Absolute path of the folder whose subfolders are shards; the worker that keeps the books must
   * reach it.
   */
  readonly watchDir: string | null;
  /** Of a zip archive with a dataset folder in it. */
  readonly url: string | null;
  /** Seconds for which no file of a folder without SHA256SUMS may have changed. */
  readonly settle: number;
  /** Covered variance that a challenger may lose on the old hold-out. */
  readonly margin: number;
  /** Chance of a verdict of drift where nothing has drifted. */
  readonly alpha: number;
  readonly scope: Scope;
  /** Without drift, new rows are noted and nothing is trained. */
  readonly onlyOnDrift: boolean;
  /** When: for people; the schedule that fires is Temporal's. */
  readonly schedule: Schedule;
}

export const OVERLAPS = ['skip', 'buffer'] as const;

export interface Schedule {
  /** Seconds between firings; null where `cron` says when. */
  readonly every: number | null;
  readonly cron: string | null;
  /** A firing during a run: left out, or done once the run has ended. */
  readonly overlap: (typeof OVERLAPS)[number];
  /**
   * Seconds: firings missed while the servers were down are made up for no further back than this.
   */
  readonly catchUp: number;
  /** Seconds, at most, by which a firing is late, by chance. */
  readonly jitter: number;
}

/** Hold-out rows on either side below which an interval says little: the champion stays. */
export const FEWEST_HOLD_OUT_ROWS = 20;
