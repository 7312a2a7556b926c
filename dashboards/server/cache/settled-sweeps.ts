/** Sweeps whose workflows are looked up in Temporal, for pages that do not wait for an outage. */
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import type { SettledSweep } from '../../../operations/sweeps/lost.ts';

const MAX_SWEEPS = 1000;
/** A lookup that takes this share of its time-out is slow: clocks and timers are inexact. */
const SLOW_SHARE = 0.9;

interface Lookup {
  pending: Promise<SettledSweep> | null;
  /** Whether the last one was slow, and what it found. */
  isSlow: boolean;
  loss: SettledSweep['loss'];
}

/**
 * Returns a version of `settle`, which gives up on Temporal after `timeoutMs`: concurrent requests
 * share a lookup, and after a slow one, requests go on with what it found until a lookup in the
 * background is faster.
 */
export function createSettling(
  settle: (row: SweepRow, timeoutMs: number) => Promise<SettledSweep>,
  timeoutMs: number,
): (row: SweepRow) => Promise<SettledSweep> {
  const lookups = new Map<string, Lookup>();
  const start = (row: SweepRow, lookup: Lookup): Promise<SettledSweep> => {
    const startedAt = performance.now();
    return settle(row, timeoutMs)
      .then((settled) => {
        lookup.loss = settled.loss;
        return settled;
      })
      .finally(() => {
        lookup.isSlow = performance.now() - startedAt >= SLOW_SHARE * timeoutMs;
        lookup.pending = null;
      });
  };
  return async (row) => {
    const lookup: Lookup = lookups.get(row.id) ?? { pending: null, isSlow: false, loss: null };
    lookups.delete(row.id);
    lookups.set(row.id, lookup);
    const [oldest] = lookups.keys();
    if (oldest !== undefined && lookups.size > MAX_SWEEPS) lookups.delete(oldest);
    lookup.pending ??= start(row, lookup);
    if (lookup.isSlow) {
      // Its failure concerns the request that waits for the next one.
      lookup.pending.catch(() => {});
      return { row, loss: lookup.loss };
    }
    const settled = await lookup.pending;
    // A shared lookup may have begun with an earlier row.
    return settled.row.revision < row.revision ? { ...settled, row } : settled;
  };
}
