import { trialId } from '../search/space.ts';
import { readPack } from './pending-trials.ts';
import type { PackProgress, PackRange, SweepStore } from './ports.ts';

/** Returns how much of a pack's training is stored. */
export async function readProgress(store: SweepStore, range: PackRange): Promise<PackProgress> {
  const { trials } = await readPack(store, range);
  const totals = await store.sumCheckpoints(trials.map(({ index }) => trialId(range.sweepId, index)));
  return { pending: trials.length, ...totals };
}
