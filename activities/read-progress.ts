import { trialId } from '../search/space.ts';
import { readPending } from './pending-trials.ts';
import type { PackProgress, PackRange, SweepStore } from './ports.ts';

/** Returns how much of a pack's training is stored. */
export async function readProgress(store: SweepStore, range: PackRange): Promise<PackProgress> {
  const { pending } = await readPending(store, range);
  const totals = await store.sumCheckpoints(pending.map((index) => trialId(range.sweepId, index)));
  return { pending: pending.length, ...totals };
}
