/** Embedded Temporal: the CLI's development server on a file in the home folder, on loopback. */
import { connect } from 'node:net';
import { NarrowsError } from '../../errors.ts';
import { selectExternalVariables } from '../env.ts';
import { diskFullError, type Home } from '../home.ts';
import { type Child, startChild } from '../processes/child.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import { freePort, LOOPBACK } from '../processes/ports.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import { clientOptions } from '../servers.ts';

export const EMBEDDED_NAMESPACE = 'default';

export const TEMPORAL_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 8000],
  ['SIGKILL', 2000],
];

/** Starting takes half a second; a busy machine or a long history may need more. */
const START_MILLISECONDS = 60_000;

export interface TemporalServer {
  readonly child: Child;
  readonly port: number;
  readonly address: string;
}

/**
 * Starts the server, on `port` where clients hold that address already, and waits until it serves.
 * Throws NarrowsError `temporal-failed`.
 */
export async function startTemporal(cli: string, home: Home, log: RotatingLog, port?: number): Promise<TemporalServer> {
  let candidate = port ?? (await freePort());
  for (let attempt = 1; ; attempt++) {
    const child = await startChild({
      command: cli,
      args: [
        ...['server', 'start-dev', '--headless', '--ip', LOOPBACK, '--port', String(candidate)],
        // Relative: the server makes an address of it, in which "#", "?" and "%" in the name of a
        // folder would end the path.
        ...['--db-filename', 'temporal.db'],
        // Measured: 374 activities per second instead of 134. A power cut may lose the histories of
        // running sweeps; their rows are safe in Postgres, and a restarted sweep skips trials with
        // a row.
        ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'],
        ...['--log-level', 'warn'],
      ],
      variables: selectExternalVariables(),
      cwd: home.temporal,
      log,
      orphanSignal: 'SIGTERM',
    });
    const address = `${LOOPBACK}:${candidate}`;
    const failure = await waitUntilReady(child, address);
    if (failure === null) return { child, port: candidate, address };
    await child.stop(TEMPORAL_SHUTDOWN);
    if (port !== undefined || attempt === 5 || !/address already in use|can't set up/i.test(failure))
      throw startError(home, failure);
    candidate = await freePort();
  }
}

/** Resolves to null when the server serves its namespace, else to its output when it has ended. */
async function waitUntilReady(child: Child, address: string): Promise<string | null> {
  let ended: string | null = null;
  void child.exit.then((how) => {
    ended = child.output() || how;
  });
  const deadline = performance.now() + START_MILLISECONDS;
  while (ended === null && performance.now() < deadline) {
    if ((await acceptsConnections(address)) && (await servesNamespace(address))) return null;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return ended ?? `no answer within ${START_MILLISECONDS / 1000} s`;
}

/** Tests the port without a Temporal client, which would wait a second after a first failure. */
function acceptsConnections(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Returns whether a Temporal server with the embedded namespace answers at the address. */
async function servesNamespace(address: string): Promise<boolean> {
  try {
    // Lazy import: stopping a server does not need the client.
    const { Connection } = await import('@temporalio/client');
    const connection = await Connection.connect({ ...clientOptions({ temporal: { address } }), connectTimeout: 1000 });
    try {
      await connection.workflowService.describeNamespace({ namespace: EMBEDDED_NAMESPACE });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

function startError(home: Home, output: string): NarrowsError {
  if (/no space left|disk is full|database or disk is full/i.test(output))
    return diskFullError(home.temporal, 'Temporal found no space left');
  const lines = output.trim().split('\n');
  const reason = lines.findLast((line) => /error|fatal|panic/i.test(line)) ?? lines.at(-1) ?? '';
  return new NarrowsError('temporal-failed', `the embedded Temporal does not start: ${reason.slice(0, 400)}`, {
    path: home.temporal,
    fix: 'see "narrows doctor"',
    kind: 'failure',
  });
}
