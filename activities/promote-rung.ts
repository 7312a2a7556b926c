import { decidePromotions } from '../search/halving.ts';
import type { SweepStore } from './ports.ts';

/** Promotes or prunes the undecided trials of this rung. Returns the number that enter the next. */
export async function promoteRung(store: SweepStore, { sweepId, rung }: { sweepId: string; rung: number }): Promise<number> {
  const { spec } = await store.sweep(sweepId);
  if (!spec.halving) return 0;
  const decision = decidePromotions(await store.scoresAtRung(sweepId, rung), spec.halving.reduction);
  await store.decideRung(sweepId, rung, decision);
  return store.survivorCount(sweepId, rung + 1);
}
