/** Worker process: polls the task queues of its role until it is stopped. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { activitiesOver } from '../../activities/index.ts';
import { createDatasetVersions } from '../../activities/retrain/dataset-versions.ts';
import { type RetrainActivities, retrainActivitiesOver } from '../../activities/retrain/index.ts';
import { mail } from '../../activities/retrain/messengers/mail.ts';
import { webhook } from '../../activities/retrain/messengers/webhook.ts';
import { createSharedLock } from '../../activities/shared-lock.ts';
import { createStorage } from '../../activities/storage.ts';
import type { BlobStore } from '../../db/blobs.ts';
import { type Database, readPool } from '../../db/client.ts';
import { hasUnnamedWork, readIdentity } from '../../db/queries/identity.ts';
import { openCurrentDatabase } from '../../db/schema-version.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { databaseChecks, type Health, temporalChecks } from '../../operations/health.ts';
import { toTemporalError } from '../../operations/servers.ts';
import { DEFAULT_CLASS } from '../../search/trainer-classes.ts';
import type { Identified } from '../../workflows/identity.ts';
import { taskQueues, trainerQueue } from '../../workflows/task-queues.ts';
import { openBlobs, requireOwnBlobs } from '../blob-store.ts';
import { readCodeVersion } from '../code-version.ts';
import type { NotificationSettings } from '../env.ts';
import { resolveHome } from '../home.ts';
import { createLogger, type Logger } from '../logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { exposePool } from '../metrics/process.ts';
import { readSdkMetrics } from '../metrics/sdk.ts';
import { measuresOf, UNMEASURED, type WorkerMeasures } from '../metrics/worker.ts';
import { type ServerAddresses, temporalUnreachableError } from '../servers.ts';
import { settlePeriodically } from '../settling.ts';
import { ensureWorkflowBundle } from '../temporal/workflow-bundle.ts';
import { traceActivities, traceStarts, workflowSinks } from '../tracing/temporal.ts';
import { currentTracing } from '../tracing/tracing.ts';
import { deploymentName, deploymentOptions, requireDeployments, routePeriodically } from './deployment.ts';
import { createEngines, type EngineOptions } from './engines.ts';
import { observeEngine } from './observed-engine.ts';
import { refuseForeignWork } from './own-work.ts';
import {
  GRACE_SECONDS,
  hasFailed,
  isIdle,
  orchestratorOptions,
  PACKS_AT_ONCE,
  requireHealthy,
  runUntilStopped,
  shutdownTimes,
  TRAINER_OPTIONS,
} from './polling.ts';
import type { Versioning } from './role.ts';
import { installRuntime } from './sdk-runtime.ts';
import { createSpeedMeter } from './speed.ts';
import { countRunning, recordPeriodically, sendWindowsPeriodically } from './trainers.ts';

export interface RunWorkerOptions extends EngineOptions {
  readonly servers: ServerAddresses;
  /** Home folder, whose cache holds blobs. */
  readonly home: string;
  /** Cache of this user, which holds the workflow bundle of a checkout. */
  readonly userCache: string;
  /** Class of the trainer; absent: DEFAULT_CLASS. */
  readonly trainerClass?: string;
  /** Channels for notifications of retrainings; none by default. A trainer needs none. */
  readonly notifications?: NotificationSettings;
  /** Hosts of URL sources that may be inside a network; none by default. */
  readonly privateSources?: readonly string[];
  /** How workflows follow new builds of orchestrators; null: as workers come. */
  readonly versioning?: Versioning | null;
  /** Build of this worker; by default the version of the code. */
  readonly build?: string;
  /** Aborting it finishes short activities, hands the others back, and resolves. */
  readonly signal: AbortSignal;
  /** Default: text on stderr. */
  readonly logger?: Logger;
  /** Time for that in all; null or absent: 15 s. */
  readonly graceSeconds?: number | null;
  /** Called when the worker polls its task queues. */
  readonly onReady: () => void;
  /** Begins at the same time. */
  readonly health?: Pick<Health, 'begin'>;
  /** Receives what the worker does; absent: nothing is measured. */
  readonly metrics?: Metrics;
}

/**
 * Runs until stopped. Throws `temporal-unreachable`, `deployments-missing`, `tensorflow-missing`,
 * and as openCurrentDatabase, requireOwnBlobs and ensureWorkflowBundle do.
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const {
    servers,
    home,
    role,
    trainerClass = DEFAULT_CLASS,
    signal,
    onReady,
    health,
    metrics,
    graceSeconds,
    logger = createLogger(role, 'text'),
    versioning = null,
    build = readCodeVersion(),
  } = options;
  const sdkMetrics = await installRuntime(logger, metrics !== undefined);
  const measures = metrics === undefined ? UNMEASURED : measuresOf(metrics);
  const tracing = currentTracing();
  const { cache } = resolveHome(home);
  await using resources = new AsyncDisposableStack();
  const db = await openCurrentDatabase(servers.databaseUrl, {
    max: 6,
    onResult: measures.onResult,
    onRequest: tracing?.traceStatement,
  });
  resources.defer(() => db.close());
  if (metrics) {
    exposePool(metrics, () => readPool(db.sql));
    if (sdkMetrics !== null) metrics.append(() => readSdkMetrics(sdkMetrics));
  }
  const [connection, bundle] = await Promise.all([
    connectWorker(servers),
    role === 'trainer' ? null : ensureWorkflowBundle(options),
  ]);
  resources.defer(() => connection.close());
  const created = await createEngines(options, logger);
  const speed = createSpeedMeter();
  const measured = (one: Engine) => observeEngine(one, [...measures.engine, speed]);
  const engine = measured(created.engine);
  const named = created.named.map(measured);
  resources.defer(() => engine.close());

  const blobs = openBlobs(db.sql, home, logger.warn);
  await requireOwnBlobs(blobs, logger.warn);
  const sweepActivities = createSweepActivities(db, blobs, measures);
  const activities = {
    ...sweepActivities(engine),
    ...(role !== 'trainer' && createRetrainActivities(db, blobs, cache, options, measures)),
  };
  const traced = tracing === null ? [] : [traceActivities(tracing)];
  const interceptors = { activity: [...traced, ...measures.interceptors, refuseForeignWork(db.sql)] };
  const shared = {
    connection,
    namespace: servers.namespace,
    activities,
    interceptors,
    ...shutdownTimes(graceSeconds ?? GRACE_SECONDS),
  } satisfies Partial<WorkerOptions>;
  const temporal = new Client({ connection, namespace: servers.namespace, interceptors: traceStarts(tracing) });
  const own = { identity: await readIdentity(db.sql) };
  const deployment = deploymentName(own);
  const routed = { name: deployment, queue: taskQueues(own).orchestrator, own: versioning === null ? null : build };
  if (role !== 'trainer') {
    if (versioning !== null) await requireDeployments(temporal, deployment);
    resources.defer(settlePeriodically({ db, temporal }));
    resources.defer(sendWindowsPeriodically({ db, temporal }));
  }
  const packs = countRunning();
  if (role !== 'orchestrator') {
    const trainer = {
      class: trainerClass,
      engines: named.map(({ name }) => name),
      slots: PACKS_AT_ONCE,
    };
    const describe = () => ({
      ...trainer,
      // It may change with the first pack.
      threads: engine.threads,
      packs: packs.running(),
      flops: speed.flopsPerSecond(),
    });
    resources.defer(await recordPeriodically(db, describe));
  }
  const sinks = workflowSinks(tracing);
  const orchestrating = (database: Identified): WorkerOptions[] => {
    if (bundle === null) return [];
    // Other databases may share the queues without identity: no build may claim them.
    const workerDeploymentOptions = deploymentOptions(deployment, build, database === own ? versioning : null);
    const taskQueue = taskQueues(database).orchestrator;
    return [{ ...shared, taskQueue, workerDeploymentOptions, ...orchestratorOptions(bundle), sinks }];
  };
  const counted = { activity: [...interceptors.activity, packs.interceptor] };
  const training = (database: Identified): WorkerOptions[] => {
    // Sweeps with names from before are also from before there were classes and engines.
    if (role === 'orchestrator' || (database !== own && trainerClass !== DEFAULT_CLASS)) return [];
    const pollFor = (asked: string | null, activities: object): WorkerOptions => {
      const taskQueue = trainerQueue(database, { class: trainerClass, engine: asked });
      return { ...shared, activities, interceptors: counted, taskQueue, ...TRAINER_OPTIONS };
    };
    const asked = database === own ? named : [];
    return [pollFor(null, activities), ...asked.map((one) => pollFor(one.name, sweepActivities(one)))];
  };
  const workers: Worker[] = [];
  try {
    for (const database of await databaseNames(db, own))
      for (const one of [...orchestrating(database), ...training(database)]) workers.push(await Worker.create(one));
  } catch (error) {
    throw toTemporalError(error, { address: servers.temporal.address ?? '', namespace: servers.namespace });
  }
  await runUntilStopped(workers, signal, logger, () => {
    if (role !== 'trainer') resources.defer(routePeriodically(temporal, routed, logger.warn));
    health?.begin({
      live: { workers: async () => requireHealthy(workers, hasFailed) },
      ready: {
        ...databaseChecks(db),
        ...temporalChecks(temporal),
        ...(blobs.location !== null && { blobs: () => blobs.check() }),
        pollers: async () => requireHealthy(workers, isIdle),
      },
    });
    onReady();
  });
}

/** Returns the names of the database on the wire: its identity, and none for work from before. */
async function databaseNames({ sql }: Database, own: Identified): Promise<Identified[]> {
  return (await hasUnnamedWork(sql)) ? [own, { identity: null }] : [own];
}

/** Returns the activities by engine, which share their data and train suspects alone. */
function createSweepActivities(db: Database, blobs: BlobStore, measures: WorkerMeasures) {
  const storage = createStorage({ db, blobs, codeVersion: readCodeVersion(), host: hostname() });
  const store = measures.store(storage);
  const lock = createSharedLock();
  return (engine: Engine) => activitiesOver(store, engine, lock);
}

const NO_NOTIFICATIONS: NotificationSettings = { webhook: null, mail: null, publicUrl: null };

function createRetrainActivities(
  db: Database,
  blobs: BlobStore,
  cache: string,
  { notifications = NO_NOTIFICATIONS, privateSources = [] }: RunWorkerOptions,
  { onBoxEnd }: WorkerMeasures,
): RetrainActivities {
  const { webhook: hook, mail: post, publicUrl } = notifications;
  return retrainActivitiesOver({
    db,
    blobs,
    data: createDatasetVersions(db, blobs, join(cache, 'scratch'), onBoxEnd),
    messengers: [...(hook ? [webhook(hook)] : []), ...(post ? [mail(post)] : [])],
    publicUrl,
    privateHosts: privateSources,
    scratch: join(cache, 'shards'),
    codeVersion: readCodeVersion(),
  });
}

async function connectWorker(servers: ServerAddresses): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(servers.temporal);
  } catch (error) {
    throw temporalUnreachableError(servers, error);
  }
}
