/** Cost of following the rows of a sweep in memory, by the number of rows that it has already. */

import { followSweeps } from '../../dashboards/server/cache/followed-sweeps.ts';
import { ScoreTable } from '../../dashboards/server/cache/score-table.ts';
import { TrialTable } from '../../dashboards/server/cache/trial-table.ts';
import { runCooperatively } from '../../dashboards/server/query-context.ts';
import type { Sql } from '../../db/client.ts';
import { reviseSweep } from '../../db/queries/sweeps/revision.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { outcomesSince } from '../../db/queries/trials/outcomes.ts';
import { scoresSince } from '../../db/queries/trials/scores.ts';
import { stream } from '../../models/random.ts';
import { plannedColumns } from '../../search/columns/planned.ts';
import { median } from '../statistics.ts';
import { PACK, writtenTrials } from './synthetic-trials.ts';

const ROUNDS = 60;
/** Packs between two readings, each a write: some 600 rows, two seconds of a busy sweep. */
const PACKS = 10;

export interface FollowedSweep {
  readonly sweepId: string;
  /** Number of its trials, which all have a row. */
  readonly rows: number;
}

/**
 * Writes packs of rows again, as a retry does, in turns into each sweep, and times what the server
 * does about them: the statements, the merge, and the aggregates. Returns medians in microseconds
 * per row, in the order of the sweeps.
 */
export async function measurePerNewRow(sql: Sql, sweeps: readonly FollowedSweep[]): Promise<number[]> {
  const tables = followSweeps({
    maxBytes: Number.POSITIVE_INFINITY,
    create: async ({ id, spec }) => new TrialTable(id, spec, await runCooperatively(plannedColumns(spec))),
    read: ({ id }, { revision }) => outcomesSince(sql, id, revision),
  });
  const scores = followSweeps({
    maxBytes: Number.POSITIVE_INFINITY,
    create: ({ id, spec }) => new ScoreTable(id, spec),
    read: ({ id }, { revision }) => scoresSince(sql, id, revision),
  });
  const follow = async (id: string): Promise<number> => {
    const row = await findSweep(sql, id);
    const from = performance.now();
    const table = await tables(row);
    const scored = await scores(row);
    table.tally();
    table.sampleScored(null);
    scored.chosen();
    scored.emulators();
    return performance.now() - from;
  };
  const { uniform } = stream(17, 'packs');
  const times = sweeps.map((): number[] => []);
  for (const { sweepId } of sweeps) await follow(sweepId);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { sweepId, rows }] of sweeps.entries()) {
      const first = Math.floor(uniform() * (rows / PACK - PACKS)) * PACK;
      for (let pack = 0; pack < PACKS; pack++) await rewrite(sql, sweepId, first + pack * PACK);
      times[i]?.push(await follow(sweepId));
    }
  }
  return times.map((own) => (1000 * median(own)) / (PACKS * PACK));
}

/** Writes the rows of a pack as they are, in a write of their own. */
const rewrite = (sql: Sql, sweepId: string, first: number) =>
  reviseSweep(sql, sweepId, async (own, writeId) => {
    await own`update trials set write_id = ${writeId} where sweep_id = ${sweepId} and index >= ${first} and index < ${first + PACK}`;
    return writtenTrials(0);
  });
