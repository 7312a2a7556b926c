/** Turns of appending uploaded rows. */
import { NarrowsError } from '../../errors.ts';
import type { Limits } from './limits.ts';
import type { Refusals } from './refusals.ts';
import { createSemaphore } from './semaphore.ts';
import { createSlowLane } from './slow-lane.ts';

type Appending = <T>(caller: string, append: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Returns a function that appends when it is the caller's turn, in the slow lane where the caller's
 * last archive was refused, and records the outcome. It throws the errors of the lane.
 */
export function createAppending(limits: Limits, refusals: Refusals): Appending {
  const turns = createSemaphore({ total: limits.appends, perKey: limits.appendsPerCaller });
  const lane = createSlowLane({
    share: limits.slowLaneShare,
    maxRestMs: limits.slowLaneRestMs,
    maxWaitMs: limits.slowLaneWaitMs,
  });
  const recorded = async <T>(caller: string, append: () => Promise<T>): Promise<T> => {
    try {
      const appended = await append();
      refusals.record(caller, 'accepted');
      lane.release(caller);
      return appended;
    } catch (error) {
      if (error instanceof NarrowsError && error.kind === 'invalid') refusals.record(caller, 'refused');
      throw error;
    }
  };
  return async (caller, append, signal) => {
    for (;;) {
      // Read when its turn has come: another archive may have been refused meanwhile.
      const done = await turns(caller, async () =>
        refusals.count(caller) > 0 ? null : { appended: await recorded(caller, append) },
      );
      if (done !== null) return done.appended;
      const endTurn = await lane.enter(caller, refusals.count(caller), signal);
      if (endTurn === null) continue;
      try {
        return await turns(caller, () => recorded(caller, append));
      } finally {
        endTurn();
      }
    }
  };
}
