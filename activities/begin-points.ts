import { runningBudget } from '../search/budget/budget.ts';
import { pointsOfTrials } from '../search/proposals.ts';
import { trialsOf } from '../search/space.ts';
import type { PackRange, SweepStore } from './ports.ts';

/**
 * Begins the points of a pack, where the sweep has a budget that is spent while it runs: those that
 * it has no budget for are left out. Once begun, a point is trained with all seeds, on all
 * partitions and rungs.
 */
export async function beginPointsOf(store: SweepStore, { sweepId, rung, from, to, retry, methods }: PackRange): Promise<void> {
  if (rung > 0 || retry) return;
  const { spec } = await store.sweep(sweepId);
  if (runningBudget(spec) === null) return;
  const { indexAt } = trialsOf(spec, methods);
  const indices = Array.from({ length: to - from }, (_, i) => indexAt(from + i));
  await store.spendOnPoints(sweepId, pointsOfTrials(spec, indices));
}
