/** Shared by all read routes: the database, and caches of loaded and computed data. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { outcomesSince } from '../../db/queries/trials/outcomes.ts';
import { listPoints } from '../../db/queries/trials/proposals.ts';
import { scoresSince } from '../../db/queries/trials/scores.ts';
import { type SweepData, sweepData } from '../../operations/sweep-data.ts';
import { type ComparedConfigurations, readConfigurations } from '../../operations/sweeps/configurations.ts';
import { plannedColumns } from '../../search/columns/planned.ts';
import { isAdaptiveSweep } from '../../search/proposals.ts';
import { AsyncCache } from './cache/async-cache.ts';
import { type Compute, createComputeClient } from './cache/compute-client.ts';
import type { StatisticsComputations } from './cache/compute-worker.ts';
import { followSweeps } from './cache/followed-sweeps.ts';
import { ScoreTable } from './cache/score-table.ts';
import { TrialTable } from './cache/trial-table.ts';
import type { ServerDependencies } from './dependencies.ts';
import { type CachedResponse, createResponseCache } from './responses.ts';

const MEGABYTE = 1024 * 1024;
/** A sweep of 100,000 trials takes about 9 MB. */
const TABLE_BYTES = 256 * MEGABYTE;
/** About 4 MB for a sweep of 100,000 trials of the three methods. */
const SCORE_BYTES = 128 * MEGABYTE;
const PACK_BYTES = 512 * MEGABYTE;
const CONFIGURATION_BYTES = 64 * MEGABYTE;
/** Size of one configuration with its means. */
const BYTES_PER_CONFIGURATION = 1024;
const RESPONSE_BYTES = 128 * MEGABYTE;

export interface QueryContext extends ServerDependencies {
  readonly compute: Compute<StatisticsComputations>;
  readonly responses: AsyncCache<CachedResponse>;
  /** Returns the trials of a sweep, with every row up to the revision of its row. */
  table(sweep: SweepRow): Promise<TrialTable>;
  /** Returns the validation scores of a sweep, likewise. */
  scores(sweep: SweepRow): Promise<ScoreTable>;
  /** Returns the configurations of a partition with the means of their scores, likewise. */
  configurations(sweep: SweepRow, partition: number): Promise<ComparedConfigurations>;
  /** Returns the standardised data that the trials of a partition (the first) are trained on. */
  data(sweep: SweepRow, partition?: number): Promise<SweepData>;
}

export function createQueryContext(dependencies: ServerDependencies): QueryContext {
  const { db, blobs } = dependencies;
  const packs = new AsyncCache<SweepData>({
    maxBytes: PACK_BYTES,
    bytesOf: ({ pack }) => pack.x.data.byteLength + pack.y.data.byteLength,
  });
  const configurations = new AsyncCache<ComparedConfigurations>({
    maxBytes: CONFIGURATION_BYTES,
    bytesOf: ({ compared }) => BYTES_PER_CONFIGURATION * (1 + compared.length),
  });
  /** Reads new proposals, after the trials: each was proposed before it was trained. */
  const addPoints = async ({ id, spec }: SweepRow, state: TrialTable | ScoreTable): Promise<void> => {
    if (isAdaptiveSweep(spec)) state.addPoints(await listPoints(db.sql, id, state.proposals));
  };
  return {
    ...dependencies,
    compute: createStatistics(),
    responses: createResponseCache(RESPONSE_BYTES),
    table: followSweeps({
      maxBytes: TABLE_BYTES,
      create: async ({ id, spec }) => new TrialTable(id, spec, await runCooperatively(plannedColumns(spec))),
      async read(sweep, state) {
        const rows = await outcomesSince(db.sql, sweep.id, state.revision);
        await addPoints(sweep, state);
        return rows;
      },
    }),
    scores: followSweeps({
      maxBytes: SCORE_BYTES,
      create: ({ id, spec }) => new ScoreTable(id, spec),
      async read(sweep, state) {
        const rows = await scoresSince(db.sql, sweep.id, state.revision);
        await addPoints(sweep, state);
        return rows;
      },
    }),
    configurations: (sweep, partition) =>
      configurations.get(`${sweep.id} ${partition}`, { version: revisionKey(sweep) }, () =>
        readConfigurations(db.sql, sweep, { partition, where: [] }),
      ),
    data(sweep, partition = 0) {
      const { target, split, scale } = sweep.spec;
      const key = JSON.stringify([sweep.dataset, sweep.datasetVersion, target, split, scale, partition]);
      return packs.get(key, { version: '' }, () => sweepData(db.sql, blobs, sweep, partition));
    },
  };
}

/** A thread for each kind: a comparison of milliseconds does not wait for a forest of a second. */
function createStatistics(): Compute<StatisticsComputations> {
  const comparisons = createComputeClient<StatisticsComputations>('compute-worker');
  const forests = createComputeClient<StatisticsComputations>('compute-worker');
  return (kind, ...input) => (kind === 'importance' ? forests : comparisons)(kind, ...input);
}

/** Runs a generator to its end, and yields to the event loop wherever it pauses. */
export async function runCooperatively<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}

/** Version of a sweep's state: names may pass to another sweep, and revisions count within each. */
export const revisionKey = ({ id, revision }: SweepRow): string => `${id}.${revision}`;

/** Freshness of a response about sweeps: a recent one will do while events announce newer ones. */
export const cacheRequest = (...sweeps: readonly SweepRow[]) => ({
  version: sweeps.map(revisionKey).join(),
  allowStale: sweeps.some(({ state }) => state === 'running'),
});
