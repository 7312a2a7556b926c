import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureCode } from '../activities/index.ts';
import { OUTAGE_PAUSE } from './activity-options.ts';

/** Failures that end the whole sweep: every pack would meet them. */
const FATAL: readonly FailureCode[] = ['SweepMissing', 'SpecInvalid', 'DatasetMissing', 'DatasetCorrupt'];

/** An activity's failure in the vocabulary of activities/failures.ts. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

/** Returns the failure of an activity's last attempt. A time-out is a worker that was lost. */
export function failureOf(error: unknown): Failure {
  let cause = error;
  while (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) cause = cause.cause;
  if (cause instanceof TimeoutFailure)
    return { code: 'WorkerLost', message: `no sign of life from the worker: ${cause.message}` };
  const message = cause instanceof Error ? cause.message : String(cause);
  // Activities fail with types of the vocabulary only (activities/index.ts sees to it).
  if (cause instanceof ApplicationFailure && cause.type) return { code: cause.type as FailureCode, message };
  return { code: 'Unexpected', message };
}

export const isFatal = ({ code }: Failure): boolean => FATAL.includes(code);

/** Pauses in seconds while workers of other databases take the work: attempts are not for free. */
const FOREIGN_PAUSES = [1, 2, 4, 8, 16, 32, 60];

/**
 * Runs an activity. Repeats it without limit: at once where its worker was stopped, after a pause
 * while its database is unreachable or is not that of the worker.
 */
export async function withOutageRetry<T>(activity: () => Promise<T>): Promise<T> {
  for (let foreign = 0; ; ) {
    try {
      return await activity();
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { code } = failureOf(error);
      if (code === 'DatabaseUnreachable') await sleep(OUTAGE_PAUSE);
      else if (code === 'DatabaseForeign') await sleep(`${FOREIGN_PAUSES[foreign++] ?? 60} s`);
      else if (code !== 'WorkerStopped') throw error;
    }
  }
}
