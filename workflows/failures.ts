import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  patched,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureCode, PackDetails } from '../activities/index.ts';
import { LOST_PAUSES, OUTAGE_PAUSE, type Pause } from './activity-options.ts';

/** Failures that end the whole sweep: every pack would meet them. */
const FATAL: readonly FailureCode[] = ['SweepMissing', 'SpecInvalid', 'DatasetMissing', 'DatasetCorrupt'];

/** An activity's failure in the vocabulary of activities/failures.ts. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
}

function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) cause = cause.cause;
  return cause;
}

/** Whether the worker of a pack was lost while the pack waited for others to end. */
export function wasWaiting(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof TimeoutFailure && (cause.lastHeartbeatDetails as PackDetails | undefined)?.waits === true;
}

/** Returns the failure of an activity's last attempt. A time-out is a worker that was lost. */
export function failureOf(error: unknown): Failure {
  const cause = causeOf(error);
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
 * Returns how long to wait until an activity whose last attempt failed is begun again, where the
 * same happened `before` times; 'never' where the failure is its own.
 */
export function pauseAfter(code: FailureCode, before: number, lostPauses: readonly Pause[]): Pause | 'now' | 'never' {
  switch (code) {
    case 'WorkerStopped':
      return 'now';
    case 'DatabaseUnreachable':
    case 'BlobsUnreachable':
      return OUTAGE_PAUSE;
    case 'DatabaseForeign':
      return `${FOREIGN_PAUSES[before] ?? 60} s`;
    case 'WorkerLost':
      return lostPauses[before] ?? 'never';
    default:
      return 'never';
  }
}

/**
 * Runs an activity. Repeats it without limit where its worker was stopped, and while a store is
 * unreachable or its database is not that of the worker; where its workers died, after each of
 * `lostPauses`.
 */
export async function withOutageRetry<T>(activity: () => Promise<T>, lostPauses: readonly Pause[] = LOST_PAUSES): Promise<T> {
  for (const seen = new Map<FailureCode, number>(); ; ) {
    try {
      return await activity();
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { code } = failureOf(error);
      const before = seen.get(code) ?? 0;
      const pause = pauseAfter(code, before, lostPauses);
      // Work that began before there were such pauses fails at once.
      if (pause === 'never' || (code === 'WorkerLost' && !patched('lost-workers'))) throw error;
      if (pause !== 'now') await sleep(pause);
      seen.set(code, before + 1);
    }
  }
}
