/** What all answers about sweeps are read from: the database, and what this process has read of it before. */
import { setImmediate as turn } from 'node:timers/promises';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { outcomesSince } from '../../db/queries/trials/outcomes.ts';
import { type SweepData, sweepData } from '../../operations/sweep-data.ts';
import { plannedColumns } from '../../search/columns/planned.ts';
import type { ServerDependencies } from './app.ts';
import { AsyncCache } from './cache/async-cache.ts';
import { type Compute, createComputeClient } from './cache/compute-client.ts';
import { TrialTable } from './cache/trial-table.ts';
import { type CachedResponse, createResponseCache } from './responses.ts';

const MEGABYTE = 1024 * 1024;
/** A sweep of 100,000 trials takes some 9 MB. */
const TABLE_BYTES = 256 * MEGABYTE;
const PACK_BYTES = 512 * MEGABYTE;
const ANSWER_BYTES = 128 * MEGABYTE;

export interface QueryContext {
  readonly parts: ServerDependencies;
  readonly compute: Compute;
  /** Answers as bytes, by what they answer. */
  readonly responses: AsyncCache<CachedResponse>;
  /** The sweep's trials, every row up to the revision of the sweep's row among them. */
  table(sweep: SweepRow): Promise<TrialTable>;
  /** The standardised data that the sweep's trials are trained on. */
  data(sweep: SweepRow): Promise<SweepData>;
}

export function createQueryContext(parts: ServerDependencies): QueryContext {
  const { db, blobs } = parts;
  const tables = new AsyncCache<TableSlot>({ maxBytes: TABLE_BYTES, bytesOf: ({ table }) => table.bytes });
  const packs = new AsyncCache<SweepData>({
    maxBytes: PACK_BYTES,
    bytesOf: ({ pack }) => pack.x.data.byteLength + pack.y.data.byteLength,
  });
  return {
    parts,
    compute: createComputeClient(),
    responses: createResponseCache(ANSWER_BYTES),
    async table(sweep) {
      const slot = await tables.get(sweep.id, { version: '' }, async () => {
        const columns = await runCooperatively(plannedColumns(sweep.spec));
        return { table: new TrialTable(sweep.id, sweep.spec, columns), loading: null };
      });
      const { table } = slot;
      while (table.revision < sweep.revision) {
        // One question at a time; who comes while it is under way shares its answer, and asks again where that is of too early a state.
        slot.loading ??= outcomesSince(db.sql, sweep.id, table.revision)
          .then((rows) => table.merge(rows, sweep.revision))
          .finally(() => {
            slot.loading = null;
          });
        await slot.loading;
      }
      return table;
    },
    data(sweep) {
      const { spec, dataset, datasetVersion } = sweep;
      const key = JSON.stringify([dataset, datasetVersion, spec.target, spec.split, spec.scale]);
      return packs.get(key, { version: '' }, () => sweepData(db.sql, blobs, sweep));
    },
  };
}

interface TableSlot {
  readonly table: TrialTable;
  loading: Promise<void> | null;
}

/** Runs a generator to its end; others get their turn where it pauses. */
export async function runCooperatively<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await turn();
  }
}

/** What an answer about a sweep as a whole depends on: names may pass to another sweep, revisions count in each. */
export const revisionKey = ({ id, revision }: SweepRow): string => `${id}.${revision}`;

/** More will be written, and who listens will hear of it: an answer of a moment ago is no mistake. */
export const isRunning = ({ state }: SweepRow): boolean => state === 'running';
