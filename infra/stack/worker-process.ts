/** Starts a worker process of the embedded stack. */
import type { Child } from '../processes/child.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import type { ServerAddresses } from '../servers.ts';
import type { WorkerEngine, WorkerRole } from '../worker/role.ts';
import type { WorkerReady } from './messages.ts';
import { startNodeProcess } from './node-process.ts';

/** Longer than the worker's own forced shutdown after 15 s. */
export const WORKER_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 2000],
];

/** Bundling workflows takes a second, longer on a busy machine. */
const START_MILLISECONDS = 90_000;

/** Limits of the JavaScript heap in MB, which contains neither arrays nor the kernel's memory. */
const HEAP_MEGABYTES: Readonly<Record<WorkerRole, number>> = { orchestrator: 384, trainer: 384, all: 512 };

export interface WorkerProcessOptions {
  readonly role: WorkerRole;
  readonly engine: WorkerEngine;
  readonly servers: ServerAddresses;
  readonly home: string;
  readonly log: RotatingLog;
}

/** Starts the process and waits until it polls for work. Throws NarrowsError `worker-failed`. */
export async function startWorkerProcess({ role, engine, servers, home, log }: WorkerProcessOptions): Promise<Child> {
  const { child } = await startNodeProcess<WorkerReady>({
    entry: 'worker',
    flags: [
      `--max-old-space-size=${HEAP_MEGABYTES[role]}`,
      // Reports and heartbeats create many small short-lived objects: a small young generation
      // limits the process' memory.
      '--max-semi-space-size=16',
    ],
    args: ['--role', role, '--engine', engine],
    servers,
    home,
    log,
    shutdown: WORKER_SHUTDOWN,
    startMilliseconds: START_MILLISECONDS,
    failure: { code: 'worker-failed', subject: `the ${role} does`, log: `${role}.log` },
  });
  return child;
}
