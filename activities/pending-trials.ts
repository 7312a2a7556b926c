import type { TrialState } from './ports.ts';

/**
 * Which of these trials a pack of this rung still has to train, given the rows that exist. This is
 * what makes activities repeatable: a second attempt, or a second run of the sweep, finds what has
 * ended and leaves it alone. Always what waits at an earlier rung; beside that what has no row yet,
 * or with `retry` what failed at this rung.
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
