import { countFinished, type EndingCounts } from '../search/states.ts';
import type { SweepStore } from './ports.ts';

export type FinalState = 'completed' | 'partial' | 'failed';

/** Returns the final state: pruned and diverged trials have their answer, failed ones have not. */
export function finalState(counts: EndingCounts): FinalState {
  if (counts.failed === 0) return 'completed';
  return countFinished(counts) > counts.failed ? 'partial' : 'failed';
}

/** Records the state that follows from the counts of outcomes, and returns it. */
export async function closeSweep(store: SweepStore, sweepId: string): Promise<FinalState> {
  const state = finalState(await store.counts(sweepId));
  await store.setState(sweepId, state);
  return state;
}
