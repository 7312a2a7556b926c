/** Starts the Node processes of the embedded stack, and waits until each reports that it runs. */
import { NarrowsError } from '../../errors.ts';
import { buildChildVariables } from '../env.ts';
import { type Child, startChild } from '../processes/child.ts';
import { CLOSED_TO_DEBUGGERS, resolveEntry } from '../processes/entry.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import { LOOPBACK } from '../processes/ports.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import type { ServerAddresses } from '../servers.ts';
import type { WorkerEngine, WorkerRole } from '../worker/role.ts';
import type { Answer, ApiReady, StartFailure, WorkerReady } from './messages.ts';

/** Longer than the worker's own forced shutdown after 15 s. */
export const WORKER_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 2000],
];

/** The server closes within two seconds. */
export const API_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 4000],
  ['SIGKILL', 2000],
];

/** Limits of the JavaScript heap in MB, which contains neither arrays nor the kernel's memory. */
const WORKER_HEAP: Readonly<Record<WorkerRole, number>> = { orchestrator: 384, trainer: 384, all: 512 };
/** The same of the dashboards, without the columns of large sweeps. */
const API_HEAP = 1024;

type Surroundings = Pick<NodeProcessOptions, 'servers' | 'home' | 'log'>;

/** Starts the process and waits until it polls for work. Throws NarrowsError `worker-failed`. */
export async function startWorkerProcess(
  role: WorkerRole,
  engine: WorkerEngine,
  surroundings: Surroundings,
): Promise<{ readonly child: Child }> {
  const { child } = await startNodeProcess<WorkerReady>({
    ...surroundings,
    entry: 'worker',
    flags: [
      `--max-old-space-size=${WORKER_HEAP[role]}`,
      // Reports and heartbeats create many small short-lived objects: a small young generation
      // limits the process' memory.
      '--max-semi-space-size=16',
    ],
    args: ['--role', role, '--engine', engine],
    shutdown: WORKER_SHUTDOWN,
    startMilliseconds: 90_000, // bundling workflows takes a second, longer on a busy machine
    failure: { code: 'worker-failed', subject: `the ${role} does`, log: `${role}.log` },
  });
  return { child };
}

export interface ApiProcess {
  readonly child: Child;
  readonly port: number;
  readonly address: string;
}

/**
 * Starts the dashboards, on the `port` of the previous process, so that open pages reconnect, and
 * waits until they listen. Throws NarrowsError `api-failed`.
 */
export async function startApiProcess(port: number | undefined, surroundings: Surroundings): Promise<ApiProcess> {
  const { child, ready } = await startNodeProcess<ApiReady>({
    ...surroundings,
    entry: 'api',
    flags: [`--max-old-space-size=${API_HEAP}`, '--max-semi-space-size=8'],
    args: port === undefined ? [] : ['--port', String(port)],
    shutdown: API_SHUTDOWN,
    startMilliseconds: 60_000,
    failure: { code: 'api-failed', subject: 'the dashboards do', log: 'api.log' },
  });
  return { child, port: ready.port, address: `http://${LOOPBACK}:${ready.port}` };
}

let questions = 0;

/** Resolves to whether the main thread of a process answers in time. */
export function askMainThread({ process: asked }: Child, timeoutMs: number): Promise<boolean> {
  const question = ++questions;
  return new Promise((resolve) => {
    const settle = (answers: boolean) => {
      clearTimeout(timer);
      asked.off('message', onMessage);
      resolve(answers);
    };
    const onMessage = ({ answer = 0 }: Partial<Answer>) => {
      if (answer >= question) settle(true);
    };
    const timer = setTimeout(() => settle(false), timeoutMs);
    asked.on('message', onMessage);
    asked.send({ question }, (error) => error && settle(false));
  });
}

interface NodeProcessOptions {
  readonly entry: Parameters<typeof resolveEntry>[0];
  /** Flags of node, before the entry point. */
  readonly flags: readonly string[];
  readonly args: readonly string[];
  readonly servers: ServerAddresses;
  readonly home: string;
  readonly log: RotatingLog;
  readonly shutdown: ShutdownSequence;
  readonly startMilliseconds: number;
  /** Error where the process does not start: its code, the subject of its message, and its log. */
  readonly failure: { readonly code: string; readonly subject: string; readonly log: string };
}

/** Throws NarrowsError with the code of `failure`. */
async function startNodeProcess<Ready extends object>(
  options: NodeProcessOptions,
): Promise<{ readonly child: Child; readonly ready: Ready }> {
  const { entry, flags, args, servers, home, log, shutdown, startMilliseconds, failure } = options;
  const child = await startChild({
    command: process.execPath,
    args: [...CLOSED_TO_DEBUGGERS, ...flags, resolveEntry(entry), ...args],
    variables: buildChildVariables({
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
  const message = await waitUntilReady<Ready>(child, startMilliseconds);
  if (!('failed' in message)) return { child, ready: message };
  await child.stop(shutdown);
  throw new NarrowsError(failure.code, `${failure.subject} not start: ${message.failed}`, {
    fix: `see ${failure.log} in the logs folder of the home folder`,
    kind: 'failure',
  });
}

function waitUntilReady<Ready>(child: Child, milliseconds: number): Promise<Ready | StartFailure> {
  return new Promise((resolve) => {
    const settle = (message: Ready | StartFailure) => {
      clearTimeout(timer);
      resolve(message);
    };
    const timer = setTimeout(() => settle({ failed: `not ready within ${milliseconds / 1000} s` }), milliseconds);
    child.process.once('message', (message: Ready | StartFailure) => settle(message));
    void child.exit.then((how) => settle({ failed: `ended with ${how}` }));
  });
}
