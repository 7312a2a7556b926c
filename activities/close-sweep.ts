import { countFinished, type EndingCounts } from '../search/states.ts';
import type { SweepStore } from './ports.ts';

export type FinalState = 'completed' | 'partial' | 'failed';

/** Pruned and diverged trials have been answered; failed ones have not. */
export function finalState(counts: EndingCounts): FinalState {
  if (counts.failed === 0) return 'completed';
  return countFinished(counts) > counts.failed ? 'partial' : 'failed';
}

/** Records the state that the counts of outcomes amount to, and returns it. */
export async function closeSweep(store: SweepStore, sweepId: string): Promise<FinalState> {
  const state = finalState(await store.counts(sweepId));
  await store.setState(sweepId, state);
  return state;
}
