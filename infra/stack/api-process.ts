/** Starts the dashboards' process of the embedded stack. */
import type { Child } from '../processes/child.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import { LOOPBACK } from '../processes/ports.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import type { ServerAddresses } from '../servers.ts';
import type { ApiReady } from './messages.ts';
import { startNodeProcess } from './node-process.ts';

/** The server closes within two seconds. */
export const API_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 4000],
  ['SIGKILL', 2000],
];

const START_MILLISECONDS = 60_000;
/** Limit of the JavaScript heap, which does not contain the columns of large sweeps. */
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
  /** Port of the previous process, so that open pages reconnect. */
  readonly port?: number | undefined;
}

/** Starts the process and waits until it listens. Throws NarrowsError `api-failed`. */
export async function startApiProcess({ servers, home, log, port }: ApiProcessOptions): Promise<ApiProcess> {
  const { child, ready } = await startNodeProcess<ApiReady>({
    entry: 'api',
    flags: [`--max-old-space-size=${HEAP_MEGABYTES}`, '--max-semi-space-size=8'],
    args: port === undefined ? [] : ['--port', String(port)],
    servers,
    home,
    log,
    shutdown: API_SHUTDOWN,
    startMilliseconds: START_MILLISECONDS,
    failure: { code: 'api-failed', subject: 'the dashboards do', log: 'api.log' },
  });
  return { child, port: ready.port, address: `http://${LOOPBACK}:${ready.port}` };
}
