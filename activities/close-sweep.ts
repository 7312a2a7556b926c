import type { OutcomeCounts, SweepStore } from './ports.ts';

export type FinalState = 'completed' | 'partial' | 'failed';

/** Pruned and diverged trials have been answered; failed ones have not. */
export function finalState({ completed, pruned, diverged, failed }: OutcomeCounts): FinalState {
  if (failed === 0) return 'completed';
  return completed + pruned + diverged > 0 ? 'partial' : 'failed';
}

/** Records the state that the counts of outcomes amount to, and returns it. */
export async function closeSweep(store: SweepStore, sweepId: string): Promise<FinalState> {
  const state = finalState(await store.counts(sweepId));
  await store.setState(sweepId, state);
  return state;
}
