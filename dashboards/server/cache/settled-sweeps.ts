/** Sweeps whose workflows are looked up in Temporal, for pages that do not wait for an outage. */
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import type { SettledSweep } from '../../../operations/sweeps/lost.ts';

const MAX_SWEEPS = 1000;
/** Clocks and timers are inexact: a lookup that took this share of its time-out ran into it. */
const TIMED_OUT_SHARE = 0.9;

interface Lookup {
  pending: Promise<SettledSweep> | null;
  /** The last one ran into its time-out. */
  isUnanswered: boolean;
}

/**
 * Returns a version of `settle`, which gives up after `timeoutMs`: concurrent requests share a
 * lookup, and once Temporal did not answer, requests go on with the sweep as it is until a lookup
 * in the background shows that it answers again.
 */
export function createSettling(
  settle: (row: SweepRow, timeoutMs: number) => Promise<SettledSweep>,
  timeoutMs: number,
): (row: SweepRow) => Promise<SettledSweep> {
  const lookups = new Map<string, Lookup>();
  const start = (row: SweepRow, lookup: Lookup): Promise<SettledSweep> => {
    const startedAt = performance.now();
    return settle(row, timeoutMs).finally(() => {
      lookup.isUnanswered = performance.now() - startedAt >= TIMED_OUT_SHARE * timeoutMs;
      lookup.pending = null;
    });
  };
  return async (row) => {
    const lookup: Lookup = lookups.get(row.id) ?? { pending: null, isUnanswered: false };
    lookups.delete(row.id);
    lookups.set(row.id, lookup);
    for (const oldest of lookups.keys()) if (lookups.size > MAX_SWEEPS) lookups.delete(oldest);
    lookup.pending ??= start(row, lookup);
    if (lookup.isUnanswered) {
      // Its failure concerns the request that waits for the next one.
      lookup.pending.catch(() => {});
      return { row, loss: null };
    }
    const settled = await lookup.pending;
    // A shared lookup may have begun with an earlier row.
    return settled.row.revision < row.revision ? { ...settled, row } : settled;
  };
}
