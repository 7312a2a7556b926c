/** What a run of retraining leaves of its tests: numbers that show afterwards why a champion stayed or went. */

import type { Continuity } from '../interpretation/continuity.ts';
import type { Method } from '../methods/catalogue.ts';
import type { Drift } from './drift.ts';
import type { Difference } from './performance.ts';

/** Of the new rows beside the hold-out of the champion that covers most. */
export interface DriftRecord extends Omit<Drift, 'descriptors'> {
  readonly method: Method;
  readonly k: number;
  readonly trialId: string;
  readonly referenceRows: number;
  readonly freshRows: number;
  readonly descriptors: readonly (Drift['descriptors'][number] & { readonly name: string })[];
}

/** Champion and challenger on the same rows. */
export interface PairedScore {
  readonly rows: number;
  /** Covered variances. */
  readonly champion: number;
  readonly challenger: number;
  /** Challenger less champion. */
  readonly difference: Difference;
}

export interface ChallengeRecord {
  readonly method: Method;
  readonly k: number;
  /** Id of the champion's row. */
  readonly championId: number;
  readonly championTrial: string;
  readonly challengerTrial: string | null;
  /** Null where there is no challenger, or too few rows. */
  readonly fresh: PairedScore | null;
  readonly old: PairedScore | null;
  readonly both: PairedScore | null;
  readonly promoted: boolean;
  readonly reason: string;
  /** Of the components (ECA, NNCA): null for EDNN, or where there is no challenger. */
  readonly continuity: Continuity | null;
}
