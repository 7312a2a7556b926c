import type { TrialState } from './ports.ts';

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
