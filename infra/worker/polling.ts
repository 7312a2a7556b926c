/** How the SDK's workers poll their task queues, run and stop. */
import type { Worker, WorkerOptions } from '@temporalio/worker';
import { SHORTEST_INTERVAL_MS } from '../../search/heartbeats.ts';
import type { Logger } from '../logger.ts';

/** Packs of each queue: while one is prepared or written, another can use the threads. */
export const PACKS_AT_ONCE = 2;

export const GRACE_SECONDS = 15;

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

export const orchestratorOptions = (codePath: string) =>
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

export const TRAINER_OPTIONS = {
  maxConcurrentActivityTaskExecutions: PACKS_AT_ONCE,
  // Activities send them as rarely as search/heartbeats.ts says; none of these has to wait.
  maxHeartbeatThrottleInterval: SHORTEST_INTERVAL_MS,
  defaultHeartbeatThrottleInterval: SHORTEST_INTERVAL_MS,
} satisfies Partial<WorkerOptions>;

/** Whether a worker ended by itself: only a restart of the process brings it back. */
export const hasFailed = (worker: Worker): boolean => worker.getState() === 'FAILED';

/** Whether a worker does not poll for all of its work; a trainer polls for no workflows. */
export const isIdle = (worker: Worker): boolean => {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  const pollers =
    worker.options.workflowBundle === undefined ? [activityPollerState] : [workflowPollerState, activityPollerState];
  return runState !== 'RUNNING' || pollers.some((state) => state !== 'POLLING');
};

/** Throws where a worker is unhealthy. */
export function requireHealthy(workers: readonly Worker[], isUnhealthy: (worker: Worker) => boolean): void {
  const unhealthy = workers.find(isUnhealthy);
  if (unhealthy) throw new Error(`the worker of ${unhealthy.options.taskQueue} is ${JSON.stringify(unhealthy.getStatus())}`);
}

/**
 * Runs workers until the signal aborts, or one of them fails, whose error it throws.
 * Calls `onRunning` when they run, unless the signal was aborted before.
 */
export async function runUntilStopped(
  workers: readonly Worker[],
  signal: AbortSignal,
  logger: Logger,
  onRunning: () => void,
): Promise<void> {
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
    else onRunning();
    // All have handed back what they had before the process closes their connections.
    const failed = (await Promise.allSettled(running)).find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
