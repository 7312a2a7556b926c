/** Stored results of a retraining's tests, which show why a champion was kept or replaced. */
import type { Interval } from '../axes.ts';
import type { Continuity } from '../interpretation/continuity.ts';
import type { Cell } from '../methods/catalogue.ts';
import type { Drift } from './drift.ts';

/** Drift of new rows against the hold-out rows of the champion that covers the most variance. */
export interface DriftRecord extends Cell, Omit<Drift, 'descriptors'> {
  readonly trialId: string;
  readonly referenceRows: number;
  readonly freshRows: number;
  readonly descriptors: readonly (Drift['descriptors'][number] & { readonly name: string })[];
}

/** Scores of champion and challenger on the same rows. */
export interface PairedScore {
  readonly rows: number;
  /** Their groups, the units of the interval; null where rows are, absent in old records. */
  readonly groups?: number | null | undefined;
  /** Covered variances. */
  readonly champion: number;
  readonly challenger: number;
  /** Covered variance of the challenger minus the champion's. */
  readonly difference: Interval;
  /** One-sided, of such a difference between equal models; absent in old records. */
  readonly probability?: number | undefined;
}

export interface ChallengeRecord extends Cell {
  /** Id of the champion's row. */
  readonly championId: number;
  readonly championTrial: string;
  readonly challengerTrial: string | null;
  /** Null without a challenger or with too few rows. */
  readonly fresh: PairedScore | null;
  readonly old: PairedScore | null;
  readonly both: PairedScore | null;
  /** Probability on the new rows, adjusted for all challenges of the run; absent without scores. */
  readonly adjustedProbability?: number | undefined;
  readonly promoted: boolean;
  readonly reason: string;
  /** Continuity of the components (ECA, NNCA); null for EDNN and without a challenger. */
  readonly continuity: Continuity | null;
}
