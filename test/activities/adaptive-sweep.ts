/** Sweeps of an adaptive sampler, trained by the null engine in packs, with rows in Postgres. */

import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { activitiesOver } from '../../activities/index.ts';
import type { PackRange } from '../../activities/ports.ts';
import { createStorage } from '../../activities/storage.ts';
import { createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { createSweep } from '../../db/queries/sweeps/sweeps.ts';
import { createNullEngine, type NullEngineOptions } from '../../models/engines/null-engine.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import type { AdaptiveSweep } from '../../search/proposals.ts';
import { trialCount, trialsOf } from '../../search/space.ts';
import { DATASET_VERSION, smallSpec } from '../dashboards/server/seed-sweeps.ts';

/** 180 trials: 30 points of each of 3 cells, 2 seeds. */
export const adaptiveSpec = (changes: Record<string, unknown> = {}): AdaptiveSweep =>
  smallSpec({
    methods: ['ednn', 'eca'],
    seeds: 2,
    sampler: { tpe: { trials: 180, startup: 8 } },
    ...changes,
  }) as AdaptiveSweep;

/** Trains ranges of trials in the way of `trainPack`. */
export interface PackTrainer {
  readonly id: string;
  train(range: { readonly from: number; readonly to: number } & Partial<PackRange>): Promise<{ readonly trained: number }>;
  /** Trains all trials, or those of some methods, in packs of this size, two at a time. */
  trainAll(packSize: number, changes?: Partial<PackRange> & { readonly methods?: readonly Method[] }): Promise<void>;
  /** Returns a trainer of another process, whose engine behaves in another way. */
  another(engine?: NullEngineOptions): PackTrainer;
}

/** Creates the row of a sweep, whose dataset exists. */
export async function createAdaptiveSweep(
  db: Database,
  id: string,
  spec: AdaptiveSweep,
  engine: NullEngineOptions = {},
): Promise<PackTrainer> {
  const planned = trialCount(spec);
  await createSweep(db.sql, {
    ...{ id, name: id, spec, dataset: 'little', datasetVersion: DATASET_VERSION, target: 'xes' },
    ...{ planned, packSizes: [6], codeVersion: '0' },
  });
  return createTrainer(db, id, spec, engine);
}

function createTrainer(db: Database, id: string, spec: AdaptiveSweep, options: NullEngineOptions): PackTrainer {
  const storage = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: '0', host: 'here' });
  const { trainPack } = activitiesOver(storage, createNullEngine(options));
  const train: PackTrainer['train'] = (range) =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(trainPack, {
      ...{ sweepId: id, rung: 0, retry: false },
      ...range,
    });
  return {
    id,
    train,
    async trainAll(packSize, changes = {}) {
      const { count } = trialsOf(spec, changes.methods);
      for (let from = 0; from < count; from += 2 * packSize) {
        const packs = [from, from + packSize].filter((start) => start < count);
        await Promise.all(packs.map((start) => train({ ...changes, from: start, to: Math.min(count, start + packSize) })));
      }
    },
    another: (engine = options) => createTrainer(db, id, spec, engine),
  };
}
