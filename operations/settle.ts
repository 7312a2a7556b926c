/** Sweeps and runs whose workflow was ended from outside. */
import { listUnfinishedRuns } from '../db/queries/retraining/retrainings.ts';
import { listUnfinishedSweeps } from '../db/queries/sweeps/sweeps.ts';
import { settleRun } from './retraining/run-ends.ts';
import type { Servers } from './servers.ts';
import { settleSweep } from './sweeps/lost.ts';

/** Looks in a row without a workflow, and without a write, after which it is gone. */
const LOOKS_UNTIL_GONE = 3;

/**
 * Returns a look at everything that is unfinished, which records the ends of what no workflow works
 * on any more. Repetitions change nothing. For processes that reach the Temporal of the workers.
 */
export function createSettler(servers: Servers): () => Promise<void> {
  /** Number of looks in a row without a workflow, by what was missing it. */
  let missing = new Map<string, number>();
  return async () => {
    const still = new Map<string, number>();
    const isGone = (key: string): boolean => {
      const looks = (missing.get(key) ?? 0) + 1;
      still.set(key, looks);
      return looks >= LOOKS_UNTIL_GONE;
    };
    const { sql } = servers.db;
    const works = [
      ...(await listUnfinishedSweeps(sql)).map((row) => () => settleSweep(servers, row, { isGone })),
      ...(await listUnfinishedRuns(sql)).map((run) => () => settleRun(servers, run, isGone)),
    ];
    // One that cannot be settled now, e.g. because it is removed meanwhile, keeps no other back.
    for (const settle of works) await settle().catch(() => {});
    missing = still;
  };
}
