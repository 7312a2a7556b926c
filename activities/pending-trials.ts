import type { TrialState } from '../db/queries/trials/trials.ts';
import { leftOutTrials } from '../search/limits/limits.ts';
import { trialsAt, trialsOf } from '../search/space.ts';
import { pointsFor } from './points.ts';
import type { PackRange, SweepStore } from './ports.ts';

/** Returns the sweep of a pack, its trials that are still to be trained, and how many are not. */
export async function readPack(store: SweepStore, range: PackRange) {
  const { sweep, pending, skipped } = await readPending(store, range);
  const trials = trialsAt(sweep.spec, pending, await pointsFor(store, sweep, pending));
  return { sweep, trials, skipped };
}

/** Returns as readPack does, but numbers of trials: their points may not be known yet. */
export async function readPending(store: SweepStore, { sweepId, rung, from, to, retry, methods, cells }: PackRange) {
  const sweep = await store.sweep(sweepId);
  const { indexAt } = trialsOf(sweep.spec, methods, cells);
  const indices =
    rung === 0
      ? Array.from({ length: to - from }, (_, i) => indexAt(from + i))
      : await store.survivors(sweepId, rung, { offset: from, limit: to - from, methods });
  const isLeftOut = leftOutTrials(sweep.spec, await store.limits(sweepId));
  const trained = indices.filter((index) => !isLeftOut(index));
  const pending = pendingIndices(trained, await store.trialStates(sweepId, trained), rung, retry);
  return { sweep, pending, skipped: indices.length - pending.length };
}

/**
 * Returns the numbers of the trials that a pack of this rung still has to train, given their rows.
 * This makes activities repeatable: a second attempt, or a second run of the sweep, skips trials
 * that have ended. Pending are trials that wait at an earlier rung, and those without a row, or
 * with `retry` those that failed at this rung.
 */
export function pendingIndices(
  indices: readonly number[],
  states: readonly TrialState[],
  rung: number,
  retry: boolean,
): number[] {
  const rows = new Map(states.map((state) => [state.index, state]));
  return indices.filter((index) => {
    const row = rows.get(index);
    if (row?.outcome === 'rung') return row.rung < rung;
    return retry ? row?.outcome === 'failed' && row.rung === rung : row === undefined;
  });
}
