import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { Priority } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { type Activities, activitiesOver } from '../../activities/index.ts';
import { readEnvironment } from '../../infra/env.ts';
import { findTemporalCli } from '../../infra/temporal/cli.ts';
import { createRouter, deploymentName, deploymentOptions } from '../../infra/worker/deployment.ts';
import { createNullEngine, type NullEngineOptions } from '../../models/engines/null-engine.ts';
import { trialCount } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import type { sweep } from '../../workflows/sweep.ts';
import { type SweepInput, sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { ANY_OF_DEFAULT_CLASS, type TrainerKind, taskQueues, trainerQueue } from '../../workflows/task-queues.ts';
import { type MemoryStore, memoryStore } from '../activities/memory-store.ts';
import { sharedWorkflowBundle } from '../support/runner/builds.ts';

/** A real Temporal server, one bundle, workers on demand; storage in memory and the null engine. */
export interface WorkflowHarness extends AsyncDisposable {
  readonly environment: TestWorkflowEnvironment;
  /**
   * Starts a sweep of `spec` with workers of its own; queues are shared, so one sweep at a time.
   */
  start(spec: SweepSpec, options?: StartOptions): Promise<Running>;
}

export interface StartOptions {
  readonly engine?: NullEngineOptions;
  readonly packSizes?: readonly number[];
  readonly input?: Partial<SweepInput>;
  /** By default one of the default class; the engine of each has the name of its class. */
  readonly trainers?: readonly TrainerKind[];
  readonly priority?: Priority;
  /** Build of the orchestrator, to which the sweep is pinned; without one, it has no version. */
  readonly build?: string;
  /** Changes the storage before the worker starts. */
  readonly arrange?: (store: MemoryStore) => void;
  /** Replaces activities. */
  readonly activities?: (own: Activities) => Partial<Activities>;
}

export interface Running extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly input: SweepInput;
  readonly handle: WorkflowHandleWithFirstExecutionRunId<typeof sweep>;
  /** Stops the first trainer as a roll-out does, without any grace, and starts another. */
  replaceTrainer(): Promise<void>;
  /** Starts one more trainer. */
  addTrainer(kind: TrainerKind): Promise<void>;
  /** Starts an orchestrator of another build next to the first, and makes it the current one. */
  upgrade(build: string): Promise<void>;
}

/** Identity of the database that the workers of this harness would have. */
export const DATABASE = { identity: '0123456789ab' };
export const QUEUES = taskQueues(DATABASE);

let numbered = 0;
/** Once per process. */
let quiet = false;

/**
 * `dynamicConfig` sets values of the server, e.g. the length of history at which it suggests to
 * continue as new.
 */
export async function startHarness(dynamicConfig: Readonly<Record<string, number>> = {}): Promise<WorkflowHarness> {
  // These tests interrupt and fail activities on purpose; the SDK would log each.
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
  const { path } = await findTemporalCli(readEnvironment(), { onDownload: () => {} });
  const [environment, workflowBundle] = await Promise.all([
    TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path },
        extraArgs: Object.entries(dynamicConfig).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
      },
    }),
    bundleWorkflows(),
  ]);
  return {
    environment,
    start: (spec, options = {}) => startSweep(environment, workflowBundle, spec, options),
    [Symbol.asyncDispose]: () => environment.teardown(),
  };
}

export const bundleWorkflows = async () => ({ codePath: await sharedWorkflowBundle() });

async function startSweep(
  environment: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  spec: SweepSpec,
  options: StartOptions,
): Promise<Running> {
  const {
    engine = {},
    packSizes = [4],
    input: changes = {},
    trainers: kinds = [ANY_OF_DEFAULT_CLASS],
    priority,
    arrange = () => {},
    activities: replace = () => ({}),
  } = options;
  const sweepId = `s${String(++numbered).padStart(10, '0')}`;
  const store = memoryStore(sweepId, spec);
  arrange(store);
  const activitiesOf = (name: string) => {
    const own = activitiesOver(store, { ...createNullEngine(engine), name });
    return { ...own, ...replace(own) };
  };
  const connection = { connection: environment.nativeConnection, namespace: environment.namespace ?? 'default' };
  const startTrainer = async (kind: TrainerKind) => {
    const worker = await Worker.create({
      ...connection,
      taskQueue: trainerQueue(DATABASE, kind),
      activities: activitiesOf(kind.class),
      maxConcurrentActivityTaskExecutions: 2,
      maxHeartbeatThrottleInterval: '400ms',
    });
    return { worker, ended: worker.run() };
  };
  const stop = async ({ worker, ended }: Awaited<ReturnType<typeof startTrainer>>) => {
    worker.shutdown();
    await ended;
  };
  const orchestrators: Awaited<ReturnType<typeof startTrainer>>[] = [];
  const startOrchestrator = async (build?: string) => {
    const name = deploymentName(DATABASE);
    const worker = await Worker.create({
      ...connection,
      taskQueue: QUEUES.orchestrator,
      workflowBundle,
      activities: activitiesOf('orchestrator'),
      ...(build !== undefined && { workerDeploymentOptions: deploymentOptions(name, build, 'pinned') }),
    });
    orchestrators.push({ worker, ended: worker.run() });
    if (build !== undefined) await createRouter(environment.client, { name, queue: QUEUES.orchestrator, own: build })();
  };
  await startOrchestrator(options.build);
  const trainers = await Promise.all(kinds.map(startTrainer));
  const input: SweepInput = { sweepId, planned: trialCount(spec), packSizes, ...changes };
  const handle = await environment.client.workflow.start<typeof sweep>('sweep', {
    taskQueue: QUEUES.orchestrator,
    workflowId: sweepWorkflowId({ id: sweepId, ...DATABASE }),
    args: [input],
    ...(priority && { priority }),
  });
  return {
    store,
    input,
    handle,
    async replaceTrainer() {
      const [first] = trainers.splice(0, 1);
      if (first) await stop(first);
      trainers.push(await startTrainer(kinds[0] ?? ANY_OF_DEFAULT_CLASS));
    },
    async addTrainer(kind) {
      trainers.push(await startTrainer(kind));
    },
    upgrade: startOrchestrator,
    async [Symbol.asyncDispose]() {
      await Promise.all([...orchestrators, ...trainers].map(stop));
    },
  };
}
