/** A worker process of the embedded stack, seen from its supervisor. */
import { type Child, startChild } from './child.ts';
import type { WorkerMessage } from './entries/worker.ts';
import { entryPath } from './entry.ts';
import { childVariables } from './env.ts';
import { EXIT, NarrowsError } from './errors.ts';
import type { Farewell } from './process-identity.ts';
import type { RotatingLog } from './rotating-log.ts';
import type { ServerAddresses } from './servers.ts';
import type { WorkerEngine, WorkerRole } from './worker-role.ts';

/** Longer than the worker's own forced end, which comes after 15 s. */
export const WORKER_FAREWELLS: readonly Farewell[] = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 2000],
];

/** Bundling workflows takes a second, on a busy machine some. */
const START_MILLISECONDS = 90_000;

/** Bounds of the JavaScript heap in MB; arrays and the kernel's memory lie outside it. */
const HEAP_MEGABYTES: Readonly<Record<WorkerRole, number>> = { orchestrator: 384, trainer: 384, all: 512 };

export interface WorkerProcessOptions {
  readonly role: WorkerRole;
  readonly engine: WorkerEngine;
  readonly servers: ServerAddresses;
  readonly home: string;
  readonly log: RotatingLog;
}

/** Starts the process and waits until it takes work. Throws NarrowsError `worker-failed`. */
export async function startWorkerProcess({ role, engine, servers, home, log }: WorkerProcessOptions): Promise<Child> {
  const child = await startChild({
    command: process.execPath,
    args: [
      `--max-old-space-size=${HEAP_MEGABYTES[role]}`,
      // Young objects of reports and heartbeats are many and small: a small young generation keeps the process small.
      '--max-semi-space-size=16',
      entryPath('worker'),
      ...['--role', role, '--engine', engine],
    ],
    variables: childVariables({
      databaseUrl: servers.databaseUrl,
      temporal: servers.temporal.address ?? '',
      namespace: servers.namespace,
      home,
    }),
    cwd: home,
    log,
    orphanSignal: 'SIGKILL',
    ipc: true,
  });
  const failure = await readiness(child);
  if (failure === null) return child;
  await child.stop(WORKER_FAREWELLS);
  throw new NarrowsError('worker-failed', `the ${role} does not start: ${failure}`, {
    fix: `see ${role}.log in the logs folder of the home folder`,
    exit: EXIT.failure,
  });
}

/** Null once the worker takes work, else why it does not. */
function readiness(child: Child): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(`not ready within ${START_MILLISECONDS / 1000} s`), START_MILLISECONDS);
    const settle = (failure: string | null) => {
      clearTimeout(timer);
      resolve(failure);
    };
    child.process.on('message', (message: WorkerMessage) => settle('ready' in message ? null : message.failed));
    void child.exit.then((how) => settle(`ended with ${how}`));
  });
}
