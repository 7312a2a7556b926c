import { trialId } from '../search/space.ts';
import type { FailureCode } from './failures.ts';
import type { PackRange } from './packs.ts';
import type { SweepStore } from './ports.ts';
import { entrants, pendingTrials } from './train-pack.ts';

/** Records the outcome 'failed' for the pending trials of the range. Returns their number. */
export async function recordFailures(
  store: SweepStore,
  range: PackRange & { readonly code: FailureCode; readonly message: string },
): Promise<number> {
  const { sweepId, rung, code, message } = range;
  const sweep = await store.sweep(sweepId);
  const trials = await pendingTrials(store, sweep, range, await entrants(store, range));
  await store.recordReports(
    sweepId,
    trials.map((trial) => {
      const id = trialId(sweepId, trial.index);
      return { trial, trialId: id, rung, report: { trialId: id, outcome: 'failed', code, message, epochs: 0, seconds: 0 } };
    }),
  );
  return trials.length;
}
