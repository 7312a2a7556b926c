/** Shared by all read routes: the database, and caches of loaded and computed data. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { outcomesSince } from '../../db/queries/trials/outcomes.ts';
import { type SweepData, sweepData } from '../../operations/sweep-data.ts';
import { plannedColumns } from '../../search/columns/planned.ts';
import { AsyncCache } from './cache/async-cache.ts';
import { type Compute, createComputeClient } from './cache/compute-client.ts';
import type { StatisticsComputations } from './cache/compute-worker.ts';
import { TrialTable } from './cache/trial-table.ts';
import type { ServerDependencies } from './dependencies.ts';
import { type CachedResponse, createResponseCache } from './responses.ts';

const MEGABYTE = 1024 * 1024;
/** A sweep of 100,000 trials takes about 9 MB. */
const TABLE_BYTES = 256 * MEGABYTE;
const PACK_BYTES = 512 * MEGABYTE;
const RESPONSE_BYTES = 128 * MEGABYTE;

export interface QueryContext extends ServerDependencies {
  readonly compute: Compute<StatisticsComputations>;
  readonly responses: AsyncCache<CachedResponse>;
  /** Returns the trials of a sweep, with every row up to the revision of its row. */
  table(sweep: SweepRow): Promise<TrialTable>;
  /** Returns the standardised data that the trials of a partition (the first) are trained on. */
  data(sweep: SweepRow, partition?: number): Promise<SweepData>;
}

export function createQueryContext(dependencies: ServerDependencies): QueryContext {
  const { db, blobs } = dependencies;
  const tables = new AsyncCache<TableSlot>({ maxBytes: TABLE_BYTES, bytesOf: ({ table }) => table.bytes });
  const packs = new AsyncCache<SweepData>({
    maxBytes: PACK_BYTES,
    bytesOf: ({ pack }) => pack.x.data.byteLength + pack.y.data.byteLength,
  });
  return {
    ...dependencies,
    compute: createComputeClient<StatisticsComputations>('compute-worker'),
    responses: createResponseCache(RESPONSE_BYTES),
    async table(sweep) {
      const slot = await tables.get(sweep.id, { version: '' }, async () => {
        const columns = await runCooperatively(plannedColumns(sweep.spec));
        return { table: new TrialTable(sweep.id, sweep.spec, columns), loading: null };
      });
      const { table } = slot;
      while (table.revision < sweep.revision) {
        // One query at a time: concurrent requests share its result, and query again if it is old.
        slot.loading ??= outcomesSince(db.sql, sweep.id, table.revision)
          .then((rows) => table.merge(rows, sweep.revision))
          .finally(() => {
            slot.loading = null;
          });
        await slot.loading;
      }
      return table;
    },
    data(sweep, partition = 0) {
      const { target, split, scale } = sweep.spec;
      const key = JSON.stringify([sweep.dataset, sweep.datasetVersion, target, split, scale, partition]);
      return packs.get(key, { version: '' }, () => sweepData(db.sql, blobs, sweep, partition));
    },
  };
}

interface TableSlot {
  readonly table: TrialTable;
  loading: Promise<void> | null;
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
