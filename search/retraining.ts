/** Settings of a retraining. */

export const SCOPES = ['champion', 'sweep'] as const;
/** `champion`: around the champions' configurations; `sweep`: the whole sweep again. */
export type Scope = (typeof SCOPES)[number];

export interface RetrainOptions {
  /** Absolute path of a folder of shards, readable by the orchestrator worker. */
  readonly watchDir: string | null;
  /** URL of a zip archive with a dataset folder in it, without its query. */
  readonly url: string | null;
  /** Seconds for which the files of a folder without SHA256SUMS must be unchanged. */
  readonly settle: number;
  /** Covered variance that a challenger may lose on the old hold-out. */
  readonly margin: number;
  /** Probability of a verdict of drift where there is none. */
  readonly alpha: number;
  readonly scope: Scope;
  /** Train only where there is drift. */
  readonly onlyOnDrift: boolean;
  /** For people: the schedule itself is Temporal's. */
  readonly schedule: Schedule;
}

export const OVERLAPS = ['skip', 'buffer'] as const;

export interface Schedule {
  /** Seconds between runs; null with `cron`. */
  readonly every: number | null;
  readonly cron: string | null;
  /** Whether a start during a run is left out, or follows it. */
  readonly overlap: (typeof OVERLAPS)[number];
  /** Seconds: starts missed longer ago are not made up for. */
  readonly catchUp: number;
  /** Maximum seconds by which a start is delayed, at random. */
  readonly jitter: number;
}

/** Minimum hold-out rows on either side: with fewer an interval says little; the champion stays. */
export const FEWEST_HOLD_OUT_ROWS = 20;
/** The same for groups, where the split is by group: their number says how much rows say. */
export const FEWEST_HOLD_OUT_GROUPS = 6;
