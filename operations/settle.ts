/** Sweeps and runs whose workflow was ended from outside. */
import { listUnfinishedRuns } from '../db/queries/retraining/retrainings.ts';
import { listUnfinishedSweeps } from '../db/queries/sweeps/sweeps.ts';
import { settleRun } from './retraining/run-ends.ts';
import type { Servers } from './servers.ts';
import { settleSweep } from './sweeps/lost.ts';

/** Records the ends of all of them; repetitions change nothing. */
export async function settleAll(servers: Servers): Promise<void> {
  const { sql } = servers.db;
  for (const row of await listUnfinishedSweeps(sql)) await settleSweep(servers, row);
  for (const run of await listUnfinishedRuns(sql)) await settleRun(servers, run);
}
