/** Number of trials in training of a sweep, as reported by its workflow. */
import { setTimeout as after } from 'node:timers/promises';

/** A younger count is not refreshed. */
const FRESH_MILLISECONDS = 1000;
/** An older count is returned only if no new one arrives in time. */
const MAX_STALE_MILLISECONDS = 15_000;
/** Maximum time that a request waits for a count. */
const TIMEOUT_MILLISECONDS = 300;
const MAX_SWEEPS = 1000;

interface Count {
  value: number | null;
  updatedAt: number;
  pending: Promise<number> | null;
}

/**
 * Returns a cached version of `count`, which queries Temporal. Each is queried once a second
 * at most; a count that does not arrive in time is the previous one, or 0.
 */
export function createRunningCounts(count: (workflowId: string) => Promise<number>): (workflowId: string) => Promise<number> {
  const counts = new Map<string, Count>();
  const refresh = (workflowId: string, known: Count): Promise<number> =>
    count(workflowId).then((value) => {
      Object.assign(known, { value, updatedAt: performance.now(), pending: null });
      return value;
    });
  return async (workflowId) => {
    const known: Count = counts.get(workflowId) ?? { value: null, updatedAt: 0, pending: null };
    counts.delete(workflowId);
    counts.set(workflowId, known);
    for (const oldest of counts.keys()) if (counts.size > MAX_SWEEPS) counts.delete(oldest);
    const age = performance.now() - known.updatedAt;
    if (known.value !== null && age < FRESH_MILLISECONDS) return known.value;
    known.pending ??= refresh(workflowId, known);
    if (known.value !== null && age < MAX_STALE_MILLISECONDS) return known.value;
    return Promise.race([known.pending, after(TIMEOUT_MILLISECONDS, known.value ?? 0, { ref: false })]);
  };
}
