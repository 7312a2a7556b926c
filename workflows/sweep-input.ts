import { type Identified, withIdentity } from './identity.ts';

/** Whole resumable state of a sweep, of a size that does not depend on the trials. */
export interface SweepInput {
  readonly sweepId: string;
  /** Trials of the space. */
  readonly planned: number;
  /** Trials per pack, by rung; as many entries as there are rungs, one without halving. */
  readonly packSizes: readonly number[];
  /** Packs that may be scheduled at a time; absent in histories from before it was variable. */
  readonly window?: number;
  /** Where to resume; absent at the start. */
  readonly place?: SweepCursor;
}

export interface SweepCursor {
  /** 'train': the plan; 'retry': the failed trials again; 'close': the comparison. */
  readonly stage: 'train' | 'retry' | 'close';
  /** Rung under way, 0-based. */
  readonly rung: number;
  /** Trials that entered this rung. */
  readonly entrants: number;
  /** First trial of this rung, by place among its entrants, that has not been scheduled. */
  readonly next: number;
  readonly paused: boolean;
  readonly retryRequested: boolean;
}

export function initialCursor(stage: SweepCursor['stage'], planned: number): SweepCursor {
  return { stage, rung: 0, entrants: planned, next: 0, paused: false, retryRequested: false };
}

/** Returns the workflow id of a sweep; retries are further runs under the same id. */
export const sweepWorkflowId = (sweep: { readonly id: string } & Identified): string => withIdentity(`sweep-${sweep.id}`, sweep);

/**
 * Returns the input for another run of a sweep that ended, to be sent with `retryFailedSignal`.
 * `failedOnly` skips to the failed trials; otherwise those that never ran (the rest of a cancelled
 * sweep) are trained first.
 */
export function retryInput(input: SweepInput, failedOnly: boolean): SweepInput {
  const { planned } = input;
  return { ...input, ...(failedOnly && { place: initialCursor('close', planned) }) };
}
