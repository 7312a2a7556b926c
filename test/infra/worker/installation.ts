/** An installation for tests: a database with a small dataset, and workers on a Temporal server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { withScratch } from '../../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../../datasets/import/check.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { type Database, openDatabase } from '../../../db/client.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { readIdentity } from '../../../db/queries/identity.ts';
import { readEnvironment } from '../../../infra/env.ts';
import type { Logger } from '../../../infra/logger.ts';
import type { Metrics } from '../../../infra/metrics/metrics.ts';
import { type Build, deploymentName } from '../../../infra/worker/deployment.ts';
import type { Versioning, WorkerRole } from '../../../infra/worker/role.ts';
import { runWorker } from '../../../infra/worker/worker.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import type { Health } from '../../../operations/health.ts';
import { checkSpec } from '../../../operations/sweeps/check.ts';
import { startSweep } from '../../../operations/sweeps/start.ts';
import { parseSweepSpec } from '../../../search/schemas/spec.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { closedDatabase, storageOf } from '../../db/database.ts';
import { writeShard } from '../../support/shards.ts';
import { until } from '../../support/until.ts';

export interface Installation extends AsyncDisposable {
  readonly db: Database;
  readonly temporal: Client;
  /** Starts a sweep of this many trials of each method, one in each pack, and returns its id. */
  start(
    trials: number,
    options?: {
      readonly id?: string;
      readonly weight?: number;
      readonly priority?: number;
      readonly methods?: readonly Method[];
      readonly class?: SweepSpec['class'];
      readonly engine?: SweepSpec['engine'];
    },
  ): Promise<string>;
  /** Starts a worker; resolves once it polls. */
  work(options?: WorkOptions): Promise<Work>;
}

export interface WorkOptions {
  readonly role?: WorkerRole;
  readonly secondsPerPack?: number;
  /** In place of the null engine; the worker closes it. */
  readonly engine?: Engine;
  readonly trainerClass?: string;
  readonly versioning?: Versioning;
  readonly build?: string;
  /** Health that the worker begins; its `stopping` is not this function's business. */
  readonly health?: Pick<Health, 'begin'>;
  readonly graceSeconds?: number;
  readonly metrics?: Metrics;
  readonly logger?: Logger;
  /** Stops the worker, as its disposal does. */
  readonly stop?: AbortSignal;
}

export interface Work extends AsyncDisposable {
  /** Rejects where the worker fails. */
  readonly ended: Promise<void>;
}

/** Stores the small dataset, whose files are written to the folder. */
export async function storeShard({ sql }: Pick<Database, 'sql'>, folder: string): Promise<void> {
  const data = writeShard(join(folder, 'first'));
  await withScratch(folder, async (scratch) =>
    storeDataset(await checkDatasetFolder(data, scratch), createBlobStore(sql, null), (row) => saveDatasetVersion(sql, row)),
  );
}

/** Creates a database and its blobs; `address` is that of a Temporal server. */
export async function install(address: string): Promise<Installation> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'narrows-installation-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const database = await closedDatabase();
  resources.defer(() => database.close());
  const db = await openDatabase(database.url);
  resources.defer(() => db.close());
  const connection = await Connection.connect({ address });
  resources.defer(() => connection.close());
  const temporal = new Client({ connection });
  await storeShard(db, folder);
  const owned = resources.move();
  return {
    db,
    temporal,
    async start(trials, { id, ...changes } = {}) {
      const [spec] = parseSweepSpec({
        ...{ name: 'small', dataset: 'little', target: 'xes', methods: ['ednn'], seeds: trials, ...changes },
        space: { k: 1, hidden: [8], learningRate: 0.02 },
        training: { epochs: 2, batch: 32 },
      });
      if (!spec) throw new Error('the spec has no target');
      const checked = await checkSpec(storageOf(db), spec, 1);
      // Packs are sized by the work of a trial.
      const size = { ...checked.size, trainRows: 1e12 };
      return startSweep({ db, temporal }, { ...checked, size }, 'test', id);
    },
    async work({ role = 'all', secondsPerPack = 0, engine, stop, ...build } = {}) {
      const stopping = new AbortController();
      const ready = Promise.withResolvers<void>();
      const ended = runWorker({
        servers: { databaseUrl: database.url, temporal: { address }, namespace: 'default' },
        ...{ home: join(folder, 'home'), userCache: readEnvironment().userCache, tensorflow: '' },
        ...{
          ...build,
          role,
          engine: engine ?? createNullEngine({ secondsPerTrial: secondsPerPack }),
          signal: stop ? AbortSignal.any([stop, stopping.signal]) : stopping.signal,
          onReady: ready.resolve,
        },
      });
      await Promise.race([ready.promise, ended]);
      return {
        ended,
        async [Symbol.asyncDispose]() {
          stopping.abort();
          await ended;
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Returns the build that new workflows begin on; null: workers without a version. */
export async function currentBuild({ db, temporal }: Installation): Promise<Build> {
  const name = deploymentName({ identity: await readIdentity(db.sql) });
  const { workerDeploymentInfo } = await temporal.workflowService.describeWorkerDeployment({
    namespace: 'default',
    deploymentName: name,
  });
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? null;
}

/** Waits until a build is the current one; no deployment is known before the first one is. */
export const becomesCurrent = (it: Installation, build: Build): Promise<void> =>
  until(
    () =>
      currentBuild(it).then(
        (current) => current === build,
        () => false,
      ),
    `${build} is current`,
  );
