import { runningBudget } from '../search/budget/budget.ts';
import { type CellLimits, countLeftOut, leftOutByMethod } from '../search/limits/limits.ts';
import { trialCount } from '../search/space.ts';
import { countFinished, type EndingCounts } from '../search/states.ts';
import { describeSpentBudget } from '../text/budget.ts';
import type { SweepStore } from './ports.ts';

export type FinalState = 'completed' | 'partial' | 'failed' | 'cancelled';

/**
 * Returns the final state: pruned and diverged trials have their answer, failed ones have not. A
 * cancelled sweep of which only failed trials were trained again stays cancelled.
 */
export function finalState(counts: EndingCounts, expected: number): FinalState {
  const finished = countFinished(counts);
  if (finished < expected) return 'cancelled';
  if (counts.failed === 0) return 'completed';
  return finished > counts.failed ? 'partial' : 'failed';
}

/** Records the state that follows from the counts of outcomes, with its reason; returns it. */
export async function closeSweep(store: SweepStore, sweepId: string): Promise<FinalState> {
  const [{ spec }, limits] = [await store.sweep(sweepId), await store.limits(sweepId)];
  const counts = await store.counts(sweepId);
  const state = finalState(counts, trialCount(spec) - countLeftOut(spec, limits));
  const reasons = [describeLosses(counts, await store.failureReason(sweepId)), await describeBudget(store, sweepId, limits)];
  const message = reasons.filter((reason) => reason !== undefined).join('; ');
  await store.setState(sweepId, state, message === '' ? undefined : message);
  return state;
}

/** 'the budget of 3600 core-seconds is spent: 40 trials are left out'; undefined where none are. */
async function describeBudget(store: SweepStore, sweepId: string, limits: CellLimits | null): Promise<string | undefined> {
  const { spec } = await store.sweep(sweepId);
  const budget = runningBudget(spec);
  if (budget === null) return undefined;
  const spent = await store.spentMethods(sweepId);
  const byMethod = leftOutByMethod(spec, limits);
  const leftOut = spent.reduce((sum, method) => sum + (byMethod.get(method) ?? 0), 0);
  return leftOut === 0 ? undefined : describeSpentBudget(budget, spec.methods, spent, leftOut);
}

/** '3 of 8 trials failed: no space left'; undefined where none failed and some completed. */
function describeLosses(counts: EndingCounts, reason: string | null): string | undefined {
  const lost = counts.failed > 0 ? 'failed' : counts.completed === 0 && counts.diverged > 0 ? 'diverged' : null;
  if (lost === null) return undefined;
  return `${counts[lost]} of ${countFinished(counts)} trials ${lost}${reason === null ? '' : `: ${reason}`}`;
}
