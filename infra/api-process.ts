/** The dashboards' process of the embedded stack, seen from its supervisor. */
import { type Child, startChild } from './child.ts';
import type { ApiMessage } from './entries/api.ts';
import { entryPath } from './entry.ts';
import { childVariables } from './env.ts';
import { EXIT, NarrowsError } from './errors.ts';
import { LOOPBACK } from './ports.ts';
import type { Farewell } from './process-identity.ts';
import type { RotatingLog } from './rotating-log.ts';
import type { ServerAddresses } from './servers.ts';

/** Its own end takes less than two seconds. */
export const API_FAREWELLS: readonly Farewell[] = [
  ['SIGTERM', 4000],
  ['SIGKILL', 2000],
];

const START_MILLISECONDS = 60_000;
/** Of the JavaScript heap; the columns of large sweeps lie outside it. */
const HEAP_MEGABYTES = 1024;

export interface ApiProcess {
  readonly child: Child;
  readonly port: number;
  readonly address: string;
}

export interface ApiProcessOptions {
  readonly servers: ServerAddresses;
  readonly home: string;
  readonly log: RotatingLog;
  /** Of the process before it: whoever has a page open finds it again. */
  readonly port?: number | undefined;
}

/** Starts the process and waits until it listens. Throws NarrowsError `api-failed`. */
export async function startApiProcess({ servers, home, log, port }: ApiProcessOptions): Promise<ApiProcess> {
  const child = await startChild({
    command: process.execPath,
    args: [
      `--max-old-space-size=${HEAP_MEGABYTES}`,
      '--max-semi-space-size=8',
      entryPath('api'),
      ...(port === undefined ? [] : ['--port', String(port)]),
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
  const told = await readiness(child);
  if ('port' in told) return { child, port: told.port, address: `http://${LOOPBACK}:${told.port}` };
  await child.stop(API_FAREWELLS);
  throw new NarrowsError('api-failed', `the dashboards do not start: ${told.failed}`, {
    fix: 'see api.log in the logs folder of the home folder',
    exit: EXIT.failure,
  });
}

function readiness(child: Child): Promise<ApiMessage> {
  return new Promise((resolve) => {
    const settle = (message: ApiMessage) => {
      clearTimeout(timer);
      resolve(message);
    };
    const timer = setTimeout(() => settle({ failed: `not ready within ${START_MILLISECONDS / 1000} s` }), START_MILLISECONDS);
    child.process.once('message', (message: ApiMessage) => settle(message));
    void child.exit.then((how) => settle({ failed: `ended with ${how}` }));
  });
}
