/**
 * Worker deployments of Temporal: which build of the orchestrator takes which workflows. See
 * docs/decisions/0037-worker-versions.md.
 */
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { NarrowsError } from '../../errors.ts';
import { isoTime, isPolling } from '../../operations/queues.ts';
import { type Identified, withIdentity } from '../../workflows/identity.ts';
import { isNewerBuild } from '../code-version.ts';
import { repeat } from '../repeat.ts';
import type { Versioning } from './role.ts';

/** A build of the workers of a database; null where its workers are not versioned. */
export type Build = string | null;

export interface Deployment {
  readonly name: string;
  /** Task queue of its workflows. */
  readonly queue: string;
  readonly own: Build;
}

/** Returns the name of the deployment, which no other database has. */
export const deploymentName = (database: Identified): string => withIdentity('narrows', database);

/** Returns the SDK's options; without versioning, the build is only shown. */
export function deploymentOptions(
  deploymentName: string,
  buildId: string,
  versioning: Versioning | null,
): WorkerDeploymentOptions {
  const version = { deploymentName, buildId };
  if (versioning === null) return { version, useWorkerVersioning: false };
  const defaultVersioningBehavior = versioning === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE';
  return { version, useWorkerVersioning: true, defaultVersioningBehavior };
}

/** State of a deployment in Temporal. */
export interface Routing {
  /** Build that new workflows begin on, and that workflows which are not pinned go to. */
  readonly current: Build;
  /** Builds that a worker polls for now. */
  readonly polling: readonly Build[];
  /** Builds before the current one that workflows may be pinned to. */
  readonly draining: readonly string[];
}

/**
 * Whether a worker makes its build the current one: when it starts, unless the current one is newer
 * and has a worker; later, where the current one has none, so that nothing waits for it.
 */
export function shouldTakeOver(own: Build, { current, polling }: Routing, isStarting: boolean): boolean {
  if (current === own) return false;
  if (!polling.includes(current)) return !polling.some((other) => isNewerBuild(other, own));
  return isStarting && own !== null && !isNewerBuild(current, own);
}

/** Returns the builds whose pinned workflows no worker takes. */
export const strandedBuilds = (own: Build, { current, polling, draining }: Routing): string[] =>
  [...new Set([...draining, current])].filter((build) => build !== null && build !== own && !polling.includes(build)) as string[];

/** Time between two looks. */
const INTERVAL_MS = 15_000;

/** Keeps the deployment's workflows with workers, until the returned function is called. */
export const routePeriodically = (temporal: Client, deployment: Deployment, note: (text: string) => void): (() => void) =>
  repeat(createRouter(temporal, deployment, { note }), INTERVAL_MS);

export interface RouterOptions {
  /** Receives why Temporal refuses to make a build the current one. */
  readonly note?: (text: string) => void;
  /** Whether a worker that polled at this time, in ISO 8601, polls now. */
  readonly polls?: typeof isPolling;
}

/**
 * Returns a look at the deployment: it makes the own build the current one where that is due, and
 * lets workflows that no worker takes go on with the current one.
 */
export function createRouter(
  temporal: Client,
  deployment: Deployment,
  { note = () => {}, polls = isPolling }: RouterOptions = {},
): () => Promise<void> {
  let isStarting = true;
  let lastRefusal = '';
  return async () => {
    const routing = await readRouting(temporal, deployment, polls);
    if (shouldTakeOver(deployment.own, routing, isStarting)) {
      try {
        await setCurrent(temporal, deployment);
      } catch (error) {
        const { message } = error as Error;
        if (message !== lastRefusal) note(`${describeBuild(deployment)} cannot become current: ${message}`);
        lastRefusal = message;
        throw error;
      }
    }
    isStarting = false;
    for (const build of strandedBuilds(deployment.own, routing)) await release(temporal, deployment.name, build);
  };
}

const describeBuild = ({ name, own }: Deployment): string =>
  own === null ? `workers without a version of the deployment ${name}` : `version ${own} of the deployment ${name}`;

/** gRPC statuses. */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

const isStatus = (error: unknown, code: number): boolean => (error as { code?: unknown }).code === code;

/** Throws NarrowsError `deployments-missing` where the server has no worker deployments. */
export async function requireDeployments(temporal: Client, name: string): Promise<void> {
  try {
    await describe(temporal, name);
  } catch (error) {
    throw new NarrowsError('deployments-missing', `Temporal does not support worker deployments: ${(error as Error).message}`, {
      path: 'NARROWS_DEPLOYMENT',
      fix: 'update the server to 1.28 or later, allow them (system.enableDeploymentVersions), or unset NARROWS_DEPLOYMENT',
      kind: 'failure',
      cause: error,
    });
  }
}

/** Returns null where no worker has joined the deployment yet. */
async function describe({ workflowService, options: { namespace } }: Client, deploymentName: string) {
  try {
    return (await workflowService.describeWorkerDeployment({ namespace, deploymentName })).workerDeploymentInfo ?? null;
  } catch (error) {
    if (isStatus(error, NOT_FOUND)) return null;
    throw error;
  }
}

/** Values of enums of Temporal: version status, versioning mode, type of a task queue. */
const DRAINING = 4;
const VERSIONED = 2;
const WORKFLOWS = 1;

async function readRouting(temporal: Client, { name, queue }: Deployment, polls: typeof isPolling): Promise<Routing> {
  const info = await describe(temporal, name);
  if (info === null) return { current: null, polling: [], draining: [] };
  const { namespace } = temporal.options;
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: WORKFLOWS,
  });
  const polling = pollers
    .filter(({ lastAccessTime }) => polls(isoTime(lastAccessTime)))
    .map(({ deploymentOptions }) =>
      deploymentOptions?.workerVersioningMode === VERSIONED ? (deploymentOptions.buildId ?? null) : null,
    );
  const summaries = info.versionSummaries ?? [];
  return {
    current: info.routingConfig?.currentDeploymentVersion?.buildId ?? null,
    polling: [...new Set(polling)],
    draining: summaries
      .filter(({ status }) => status === DRAINING)
      .map(({ deploymentVersion }) => deploymentVersion?.buildId ?? ''),
  };
}

/** A build is known when its worker has polled for workflows, and complete when for activities. */
const REGISTRATION_MS = 200;
const REGISTRATION_TRIES = 100;

const isIncomplete = (error: unknown): boolean =>
  isStatus(error, NOT_FOUND) || (isStatus(error, FAILED_PRECONDITION) && /task queues/.test((error as Error).message));

async function setCurrent({ workflowService, options }: Client, { name, own }: Deployment): Promise<void> {
  const { namespace, identity } = options;
  for (let tries = 1; ; tries++) {
    try {
      const request = { namespace, deploymentName: name, buildId: own ?? '', identity };
      await workflowService.setWorkerDeploymentCurrentVersion(request);
      return;
    } catch (error) {
      if (!isIncomplete(error) || tries === REGISTRATION_TRIES) throw error;
      await setTimeout(REGISTRATION_MS);
    }
  }
}

/** Lets workflows that are pinned to a build go on with the current one, which can replay them. */
async function release(temporal: Client, name: string, build: string): Promise<void> {
  const { namespace } = temporal.options;
  const query = `TemporalWorkerDeploymentVersion = '${name}:${build}' and TemporalWorkflowVersioningBehavior = 'Pinned' and ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId } of temporal.workflow.list({ query })) {
    await temporal.workflowService
      .updateWorkflowExecutionOptions({
        namespace,
        workflowExecution: { workflowId, runId },
        workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
        updateMask: { paths: ['versioning_override'] },
      })
      // One that has ended keeps no other back.
      .catch(() => {});
  }
}
