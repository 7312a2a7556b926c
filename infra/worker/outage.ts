/** Waits for a database that is unreachable. */
import { setTimeout } from 'node:timers/promises';
import { failureCode } from '../../activities/failures.ts';

const PAUSE_MS = 500;

/** Much less than the two minutes that a short activity may take in all. */
const LONGEST_MS = 30_000;

/**
 * Repeats the work while the database is unreachable, for half a minute; throws its last error.
 * Throws the signal's reason where that aborts.
 */
export async function waitOutOutage<T>(work: () => Promise<T>, signal: AbortSignal, longestMs = LONGEST_MS): Promise<T> {
  const deadline = performance.now() + longestMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (failureCode(error) !== 'DatabaseUnreachable' || performance.now() > deadline) throw error;
    }
    await setTimeout(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
