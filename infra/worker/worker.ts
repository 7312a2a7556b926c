/** Worker process: polls the task queues of its role until it is stopped. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  GracefulShutdownPeriodExpiredError,
  NativeConnection,
  Runtime,
  type RuntimeOptions,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
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
import { NarrowsError } from '../../errors.ts';
import { createAutoEngine, describeChoice } from '../../models/engines/auto-engine.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { createNullEngine } from '../../models/engines/null-engine.ts';
import { createTfjsEngine } from '../../models/engines/tfjs/engine.ts';
import { NATIVE_FLAVOURS, NoTensorflow } from '../../models/engines/tfjs/load.ts';
import { databaseChecks, type Health, temporalChecks } from '../../operations/health.ts';
import { toTemporalError } from '../../operations/servers.ts';
import { SHORTEST_INTERVAL_MS } from '../../search/heartbeats.ts';
import { DEFAULT_CLASS, isEngine } from '../../search/trainer-classes.ts';
import type { Identified } from '../../workflows/identity.ts';
import { taskQueues, trainerQueue } from '../../workflows/task-queues.ts';
import { openBlobs, requireOwnBlobs } from '../blob-store.ts';
import { readCodeVersion } from '../code-version.ts';
import { type NotificationSettings, readKernelBuild } from '../env.ts';
import { resolveHome } from '../home.ts';
import { createLogger, type Logger, type LogLevel } from '../logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { exposePool } from '../metrics/process.ts';
import { readSdkMetrics, sdkMetricsOptions, startOnFreeAddress } from '../metrics/sdk.ts';
import { measuresOf, UNMEASURED, type WorkerMeasures } from '../metrics/worker.ts';
import { type ServerAddresses, temporalUnreachableError } from '../servers.ts';
import { settlePeriodically } from '../settling.ts';
import { ensureWorkflowBundle } from '../temporal/workflow-bundle.ts';
import { traceActivities, traceStarts, workflowSinks } from '../tracing/temporal.ts';
import { currentTracing } from '../tracing/tracing.ts';
import { deploymentName, deploymentOptions, requireDeployments, routePeriodically } from './deployment.ts';
import { fieldsOf } from './log-fields.ts';
import { observeEngine } from './observed-engine.ts';
import { refuseForeignWork } from './own-work.ts';
import type { Versioning, WorkerEngine, WorkerRole } from './role.ts';
import { createSpeedMeter } from './speed.ts';
import { countRunning, recordPeriodically, sendWindowsPeriodically } from './trainers.ts';

export interface RunWorkerOptions {
  readonly servers: ServerAddresses;
  /** Home folder, whose cache holds blobs. */
  readonly home: string;
  /** Cache of this user, which holds the workflow bundle of a checkout. */
  readonly userCache: string;
  readonly role: WorkerRole;
  /** A choice, or the engine itself, which the worker closes. */
  readonly engine: WorkerEngine | Engine;
  /** Class of the trainer; absent: DEFAULT_CLASS. */
  readonly trainerClass?: string;
  /** Folder of the TensorFlow binding that `npm run gpu:setup` builds. */
  readonly tensorflow: string;
  /** Channels for notifications of retrainings; none by default. A trainer needs none. */
  readonly notifications?: NotificationSettings;
  /** Hosts of URL sources that may be inside a network; none by default. */
  readonly privateSources?: readonly string[];
  /** How workflows follow new builds of orchestrators; null: as workers come. */
  readonly versioning?: Versioning | null;
  /** Build of this worker; by default the version of the code. */
  readonly build?: string;
  /** Threads of the kernel; null or absent: one for each processor that the process may use. */
  readonly threads?: number | null;
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

/** Packs of each queue: while one is prepared or written, another can use the threads. */
const PACKS_AT_ONCE = 2;

const GRACE_SECONDS = 15;

/** Time for the last rows and checkpoints of cancelled activities; a short grace is divided. */
const WRITE_SECONDS = 9;
const WRITE_SHARE = 0.6;

/** Returns when a stopping worker cancels its activities, and when it abandons them. */
export function shutdownTimes(graceSeconds: number): Pick<WorkerOptions, 'shutdownGraceTime' | 'shutdownForceTime'> {
  // By default 6 s: a checkpoint interval (5 s) and the time to write it.
  const workSeconds = graceSeconds - Math.min(WRITE_SECONDS, WRITE_SHARE * graceSeconds);
  return {
    shutdownGraceTime: Math.round(1000 * workSeconds),
    // Its heartbeat stops, and another worker takes over.
    shutdownForceTime: 1000 * graceSeconds,
  };
}

/**
 * Runs until stopped. Throws `temporal-unreachable`, `deployments-missing`, and as
 * openCurrentDatabase does.
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
  const workers: Worker[] = [];
  try {
    for (const database of await databaseNames(db, own)) {
      const { orchestrator } = taskQueues(database);
      // Other databases may share the queues without identity: no build may claim them.
      const workerDeploymentOptions = deploymentOptions(deployment, build, database === own ? versioning : null);
      if (bundle !== null)
        workers.push(
          await Worker.create({
            ...shared,
            taskQueue: orchestrator,
            workerDeploymentOptions,
            ...orchestratorOptions(bundle),
            sinks,
          }),
        );
      if (role === 'orchestrator') continue;
      // Sweeps with names from before are also from before there were classes.
      if (database !== own && trainerClass !== DEFAULT_CLASS) continue;
      const kinds = [
        { engine: null, activities },
        ...(database === own ? named.map((one) => ({ engine: one.name, activities: sweepActivities(one) })) : []),
      ];
      for (const kind of kinds) {
        const taskQueue = trainerQueue(database, { class: trainerClass, engine: kind.engine });
        const counted = { activity: [...interceptors.activity, packs.interceptor] };
        workers.push(
          await Worker.create({ ...shared, activities: kind.activities, interceptors: counted, taskQueue, ...TRAINER }),
        );
      }
    }
  } catch (error) {
    throw toTemporalError(error, { address: servers.temporal.address ?? '', namespace: servers.namespace });
  }

  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  signal.addEventListener('abort', stop);
  try {
    const running = workers.map((worker) =>
      worker.run().catch((error: Error) => {
        if (!signal.aborted) throw error;
        // Activities have outlasted the grace period: it is a normal end all the same.
        const text = `work of ${worker.options.taskQueue} has not ended in time, and is left to other workers`;
        logger.warn(text, { reason: error.message });
      }),
    );
    // A worker that fails stops the others: the supervisor restarts the process.
    for (const run of running) run.catch(stop);
    if (signal.aborted) stop();
    else {
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
    }
    await Promise.all(running);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether a worker ended by itself: only a restart of the process brings it back. */
const hasFailed = (worker: Worker): boolean => worker.getState() === 'FAILED';

/** Whether a worker does not poll for all of its work; a trainer polls for no workflows. */
const isIdle = (worker: Worker): boolean => {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  const pollers =
    worker.options.workflowBundle === undefined ? [activityPollerState] : [workflowPollerState, activityPollerState];
  return runState !== 'RUNNING' || pollers.some((state) => state !== 'POLLING');
};

/** Throws where a worker is unhealthy. */
function requireHealthy(workers: readonly Worker[], isUnhealthy: (worker: Worker) => boolean): void {
  const unhealthy = workers.find(isUnhealthy);
  if (unhealthy) throw new Error(`the worker of ${unhealthy.options.taskQueue} is ${JSON.stringify(unhealthy.getStatus())}`);
}

/** Returns the names of the database on the wire: its identity, and none for work from before. */
async function databaseNames({ sql }: Database, own: Identified): Promise<Identified[]> {
  return (await hasUnnamedWork(sql)) ? [own, { identity: null }] : [own];
}

const orchestratorOptions = (codePath: string) =>
  ({
    workflowBundle: { codePath },
    // Time a workflow task waits for the worker that has the workflow in its cache: a dead worker
    // delays it by a second.
    stickyQueueScheduleToStartTimeout: '1s',
    maxCachedWorkflows: 50, // concurrent sweeps; further ones are replayed on demand
    maxConcurrentActivityTaskExecutions: 20, // each is a few statements; more would only wait for the database
    // Steps of a retraining time out after 8 s without a heartbeat: a busy machine may delay one or
    // two.
    maxHeartbeatThrottleInterval: '2s',
    defaultHeartbeatThrottleInterval: '2s',
  }) satisfies Partial<WorkerOptions>;

const TRAINER = {
  maxConcurrentActivityTaskExecutions: PACKS_AT_ONCE,
  // Activities send them as rarely as search/heartbeats.ts says; none of these has to wait.
  maxHeartbeatThrottleInterval: SHORTEST_INTERVAL_MS,
  defaultHeartbeatThrottleInterval: SHORTEST_INTERVAL_MS,
} satisfies Partial<WorkerOptions>;

interface WorkerEngines {
  /** Trains what asks for no engine; closing it closes all. */
  readonly engine: Engine;
  /** Engines that a sweep can ask for by their names. */
  readonly named: readonly Engine[];
}

/**
 * Creates the engines. An orchestrator needs one although it trains nothing: its rows name the
 * engine, whose threads start with the first pack.
 */
async function createEngines({ role, engine, threads, tensorflow }: RunWorkerOptions, logger: Logger): Promise<WorkerEngines> {
  const kernel = () => createKernelEngine({ build: readKernelBuild(), ...(typeof threads === 'number' && { threads }) });
  const alone = (one: Engine): WorkerEngines => ({ engine: one, named: [one].filter(({ name }) => isEngine(name)) });
  if (typeof engine !== 'string') return alone(engine);
  switch (engine) {
    case 'null':
      return alone(createNullEngine());
    case 'kernel':
      return alone(kernel());
    case 'tfjs':
      return alone(await createNativeOrPlainTfjs(tensorflow, logger));
    case 'auto': {
      // An orchestrator does not train.
      const device = role === 'orchestrator' ? null : await createNativeTfjs(tensorflow);
      const candidates: readonly [Engine, ...Engine[]] = device ? [kernel(), device] : [kernel()];
      const fastest = createAutoEngine(candidates, (choice) =>
        logger.info(
          `engine: ${choice.engine.build}, measured on the first pack in trials x epochs per second: ${describeChoice(choice)}`,
        ),
      );
      return { engine: fastest, named: candidates };
    }
  }
}

/** Creates the native engine, or else the one in plain JavaScript. Throws `tensorflow-missing`. */
async function createNativeOrPlainTfjs(folder: string, logger: Logger): Promise<Engine> {
  try {
    const engine = await createTfjsEngine({ folder });
    const slower = engine.flavour === 'tfjs' ? '; plain JavaScript is slow: "npm run gpu:setup" builds a native one' : '';
    logger.info(`engine: ${engine.build}${slower}`);
    return engine;
  } catch (error) {
    if (!(error instanceof NoTensorflow)) throw error;
    throw new NarrowsError('tensorflow-missing', error.message, {
      fix: 'run "npm run gpu:setup" in the checkout, or use --engine kernel',
      kind: 'failure',
    });
  }
}

/** Creates the native engine; null where TensorFlow is not installed. */
async function createNativeTfjs(folder: string): Promise<Engine | null> {
  try {
    return await createTfjsEngine({ folder, flavours: NATIVE_FLAVOURS });
  } catch (error) {
    if (error instanceof NoTensorflow) return null;
    throw error;
  }
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

/** The SDK has one runtime in a process; null: it is not installed yet. */
let runtime: { readonly metricsAddress: string | null } | null = null;

/**
 * Installs the runtime of the SDK, which logs warnings and errors of all workers of this process
 * with one logger. Returns the address of its metrics; null: they are not measured.
 */
async function installRuntime(logger: Logger, isMeasured: boolean): Promise<string | null> {
  if (runtime === null) {
    const install = (address: string | null) => Runtime.install(runtimeOptions(logger, address));
    const metricsAddress = isMeasured ? await startOnFreeAddress(install) : null;
    if (metricsAddress === null) install(null);
    runtime = { metricsAddress };
  }
  return runtime.metricsAddress;
}

const runtimeOptions = (logger: Logger, metricsAddress: string | null): RuntimeOptions => ({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    // It is a warning of ours.
    if (meta?.error instanceof GracefulShutdownPeriodExpiredError) return;
    logger.log(level.toLowerCase() as LogLevel, message, fieldsOf(meta));
  }),
  telemetryOptions: {
    logging: { filter: { core: 'WARN', other: 'ERROR' } },
    ...(metricsAddress !== null && { metrics: sdkMetricsOptions(metricsAddress) }),
  },
  shutdownSignals: [], // the caller of the worker decides when it stops
});
