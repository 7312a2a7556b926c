import type { Method } from '../models/methods/catalogue.ts';
import { decidePromotions } from '../search/stopping/halving.ts';
import type { SweepStore } from './ports.ts';

/**
 * Promotes or prunes the undecided trials of this rung. Returns the number that enter the next, by
 * group of methods where there are some.
 */
export async function promoteRung(
  store: SweepStore,
  { sweepId, rung, groups }: { sweepId: string; rung: number; groups?: readonly (readonly Method[])[] },
): Promise<number | number[]> {
  const { spec } = await store.sweep(sweepId);
  if (spec.halving) {
    const decision = decidePromotions(await store.scoresAtRung(sweepId, rung), spec.halving.reduction);
    await store.decideRung(sweepId, rung, decision);
  }
  if (groups === undefined) return store.survivorCount(sweepId, rung + 1);
  return Promise.all(groups.map((methods) => store.survivorCount(sweepId, rung + 1, methods)));
}
