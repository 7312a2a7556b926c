/** Training of a sweep, as reported by its workflow. */
import { setTimeout as after } from 'node:timers/promises';
import { NOTHING_IN_TRAINING, type Training } from '../../../operations/sweeps/status.ts';

/** A younger answer is not refreshed. */
const FRESH_MILLISECONDS = 1000;
/** An older answer is returned only if no new one arrives in time. */
const MAX_STALE_MILLISECONDS = 15_000;
/** Maximum time that a request waits for an answer. */
const TIMEOUT_MILLISECONDS = 300;
const MAX_SWEEPS = 1000;

interface Answer {
  value: Training | null;
  updatedAt: number;
  pending: Promise<Training> | null;
}

/**
 * Returns a cached version of `read`, which queries Temporal, each workflow once a second at most;
 * in place of an answer that does not arrive in time is the previous one, or nothing.
 */
export function cacheTraining(read: (workflowId: string) => Promise<Training>): (workflowId: string) => Promise<Training> {
  const answers = new Map<string, Answer>();
  const refresh = (workflowId: string, known: Answer): Promise<Training> =>
    read(workflowId).then((value) => {
      Object.assign(known, { value, updatedAt: performance.now(), pending: null });
      return value;
    });
  return async (workflowId) => {
    const known: Answer = answers.get(workflowId) ?? { value: null, updatedAt: 0, pending: null };
    answers.delete(workflowId);
    answers.set(workflowId, known);
    for (const oldest of answers.keys()) if (answers.size > MAX_SWEEPS) answers.delete(oldest);
    const age = performance.now() - known.updatedAt;
    if (known.value !== null && age < FRESH_MILLISECONDS) return known.value;
    known.pending ??= refresh(workflowId, known);
    if (known.value !== null && age < MAX_STALE_MILLISECONDS) return known.value;
    return Promise.race([known.pending, after(TIMEOUT_MILLISECONDS, known.value ?? NOTHING_IN_TRAINING, { ref: false })]);
  };
}
