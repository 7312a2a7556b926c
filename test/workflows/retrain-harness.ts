/**
 * Retraining on a real Temporal server, a real Postgres, the real kernel, and a synthetic dataset
 * that trains in a second.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { activitiesOver } from '../../activities/index.ts';
import { createDatasetVersions } from '../../activities/retrain/dataset-versions.ts';
import { retrainActivitiesOver } from '../../activities/retrain/index.ts';
import type { Messenger, RetrainPorts } from '../../activities/retrain/ports.ts';
import { createStorage } from '../../activities/storage.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../datasets/import/check.ts';
import { storeDataset } from '../../datasets/import/store.ts';
import { showUrl } from '../../datasets/sources/source-url.ts';
import { type BlobStore, createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { readIdentity } from '../../db/queries/identity.ts';
import { findRun, type RetrainRunRow, saveRetraining } from '../../db/queries/retraining/retrainings.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import type { RetrainOptions } from '../../search/retraining.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { retrainRunId } from '../../workflows/retrain-input.ts';
import { taskQueues } from '../../workflows/task-queues.ts';
import { migratedDatabase } from '../db/database.ts';
import { specsOf } from '../search/specs.ts';
import { writeShard } from '../support/shards.ts';
import { bundleWorkflows, startHarness, type WorkflowHarness } from './harness.ts';

export interface RetrainHarness extends AsyncDisposable {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly ports: RetrainPorts;
  readonly environment: WorkflowHarness['environment'];
  /** Folder of shards. */
  readonly incoming: string;
  readonly root: string;
  /** Channels of the worker; may be changed at any time. */
  readonly messengers: Messenger[];
  /** A retraining without a schedule. */
  plant(name: string, options?: Partial<RetrainOptions>): Promise<void>;
  /** Starts a run; resolves with its row once its workflow has ended. */
  fire(name: string): Promise<RetrainRunRow>;
  /** Types of the activities that the last firing has scheduled, in their order. */
  stepsOf(name: string): Promise<string[]>;
  /** Imports a folder under the name of the dataset. */
  importFolder(folder: string): Promise<string>;
}

export const OPTIONS: RetrainOptions = {
  ...{ watchDir: null, url: null, settle: 0, margin: 0.1, alpha: 0.05, scope: 'champion', onlyOnDrift: false },
  schedule: { every: 3600, cron: null, overlap: 'skip', catchUp: 3600, jitter: 0 },
};

export const SPEC = specsOf({
  name: 'little',
  dataset: 'little',
  target: 'xes',
  methods: ['ednn', 'nnca'],
  space: { k: 1, hidden: [8], learningRate: 0.02 },
  seeds: 1,
  training: { epochs: 12, batch: 32 },
})[0] as SweepSpec;

let fired = 0;

export async function startRetrainHarness(): Promise<RetrainHarness> {
  const root = mkdtempSync(join(tmpdir(), 'narrows-retrain-'));
  const incoming = join(root, 'incoming');
  mkdirSync(incoming);
  const [stand, db, workflowBundle] = await Promise.all([startHarness(), migratedDatabase(), bundleWorkflows()]);
  const { environment } = stand;
  const queues = taskQueues({ identity: await readIdentity(db.sql) });
  const blobs = createBlobStore(db.sql, null);
  const engine = createKernelEngine({ threads: 1 });
  const storage = createStorage({ db, blobs, codeVersion: 'test', host: 'here' });
  const messengers: Messenger[] = [];
  const ports: RetrainPorts = {
    db,
    blobs,
    data: createDatasetVersions(db, blobs, join(root, 'scratch')),
    messengers,
    publicUrl: 'https://narrows.example',
    privateHosts: ['127.0.0.1'],
    scratch: join(root, 'scratch'),
    codeVersion: 'test',
  };
  const activities = { ...activitiesOver(storage, engine), ...retrainActivitiesOver(ports) };
  const connection = { connection: environment.nativeConnection, namespace: environment.namespace ?? 'default' };
  const workers = await Promise.all([
    Worker.create({ ...connection, taskQueue: queues.orchestrator, workflowBundle, activities }),
    Worker.create({ ...connection, taskQueue: queues.trainer, activities, maxHeartbeatThrottleInterval: '400ms' }),
  ]);
  const running = workers.map((worker) => worker.run());
  const importFolder = async (folder: string) => {
    const stored = await withScratch(root, async (scratch) =>
      storeDataset(await checkDatasetFolder(folder, scratch), blobs, (row) => saveDatasetVersion(db.sql, row)),
    );
    return stored.version;
  };
  await importFolder(writeShard(join(root, 'first')));
  return {
    ...{ db, blobs, ports, environment, incoming, root, messengers, importFolder },
    async plant(name, options = {}) {
      const url = options.url ?? null;
      const shown = { ...OPTIONS, ...options, url: url && showUrl(url) };
      await saveRetraining(db.sql, { name, spec: SPEC, dataset: 'little', target: 'xes', options: shown }, url);
    },
    async fire(name) {
      const workflowId = `retrain-${name}-${++fired}`;
      const handle = await environment.client.workflow.start('retrain', {
        workflowId,
        taskQueue: queues.orchestrator,
        args: [{ name }],
      });
      await handle.result().catch(() => {});
      return findRun(db.sql, retrainRunId(workflowId, handle.firstExecutionRunId));
    },
    async stepsOf(name) {
      const { events = [] } = await environment.client.workflow.getHandle(`retrain-${name}-${fired}`).fetchHistory();
      return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name ? [scheduled.activityType.name] : [],
      );
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await engine.close();
      await stand[Symbol.asyncDispose]();
      await db.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
