/** How many trials of a sweep are in training, as its workflow tells. */
import { setTimeout as after } from 'node:timers/promises';

/** Younger, an answer is as good as a new one. */
const FRESH_MILLISECONDS = 1000;
/** Older, an answer is told only where a new one does not come. */
const OLDEST_MILLISECONDS = 15_000;
/** What whoever looks at a sweep waits for this one number of it. */
const PATIENCE_MILLISECONDS = 300;
const MOST_SWEEPS = 1000;

interface Count {
  value: number | null;
  at: number;
  asking: Promise<number> | null;
}

/**
 * Counts by sweep; `count` asks Temporal, and answers 0 where it cannot be asked. It is asked once a second at most, and nobody waits for it but who asks first, and that for a moment: what is
 * not known then is told as the last that was, or 0.
 */
export function createRunningCounts(count: (sweepId: string) => Promise<number>): (sweepId: string) => Promise<number> {
  const counts = new Map<string, Count>();
  const renew = (sweepId: string, known: Count): Promise<number> =>
    count(sweepId).then((value) => {
      Object.assign(known, { value, at: performance.now(), asking: null });
      return value;
    });
  return async (sweepId) => {
    const known: Count = counts.get(sweepId) ?? { value: null, at: 0, asking: null };
    counts.delete(sweepId);
    counts.set(sweepId, known);
    for (const oldest of counts.keys()) if (counts.size > MOST_SWEEPS) counts.delete(oldest);
    const age = performance.now() - known.at;
    if (known.value !== null && age < FRESH_MILLISECONDS) return known.value;
    known.asking ??= renew(sweepId, known);
    if (known.value !== null && age < OLDEST_MILLISECONDS) return known.value;
    return Promise.race([known.asking, after(PATIENCE_MILLISECONDS, known.value ?? 0, { ref: false })]);
  };
}
