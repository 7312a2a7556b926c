import { trialId } from '../search/space.ts';
import { beginPointsOf } from './begin-points.ts';
import { knownFailure } from './failures.ts';
import { readPack } from './pending-trials.ts';
import type { NamedEngine, PackRange, SweepStore } from './ports.ts';

/** Records the outcome 'failed' for the pending trials of the range. Returns their number. */
export async function recordFailures(
  store: SweepStore,
  engine: NamedEngine,
  range: PackRange & { readonly code: string; readonly message: string },
): Promise<number> {
  const { sweepId, rung, message } = range;
  const code = knownFailure(range.code);
  // A point that has a row has begun.
  await beginPointsOf(store, range);
  const { trials } = await readPack(store, range);
  await store.recordReports(
    sweepId,
    engine,
    trials.map((trial) => {
      const id = trialId(sweepId, trial.index);
      return { trial, trialId: id, rung, report: { trialId: id, outcome: 'failed', code, message, epochs: 0, seconds: 0 } };
    }),
  );
  return trials.length;
}
