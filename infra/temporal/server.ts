/**
 * Embedded Temporal: the CLI's development server on a file in the home folder, on loopback, where
 * possible behind a gate for its owner alone.
 */
import { connect } from 'node:net';
import { NarrowsError } from '../../errors.ts';
import { diskFullError, type Home } from '../home.ts';
import { type Child, startChild } from '../processes/child.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import { freePort, LOOPBACK } from '../processes/ports.ts';
import { type PrivateNetworks, privateNetworkVariables } from '../processes/private-network.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import { clientOptions } from '../servers.ts';
import { createGate, type Gate } from './gate.ts';
import { SETTINGS } from './settings.ts';

export const EMBEDDED_NAMESPACE = 'default';

export const TEMPORAL_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 8000],
  ['SIGKILL', 2000],
];

/** It holds nothing that could be lost. */
const GATE_SHUTDOWN: ShutdownSequence = [['SIGKILL', 2000]];

/** Starting takes half a second; a busy machine or a long history may need more. */
const START_MILLISECONDS = 60_000;

/**
 * How a start fails that may succeed with other ports. Those between its parts are free when the
 * server chooses them; one that is taken before it listens there may also end it by a panic
 * (https://github.com/temporalio/cli/issues/667).
 */
const PORT_TAKEN = /address already in use|can't set up|nil pointer dereference/i;
const MOST_ATTEMPTS = 5;

export interface TemporalServer {
  readonly child: Child;
  readonly port: number;
  readonly address: string;
  /** Null where other users of this machine reach the server. */
  readonly gate: Gate | null;
}

export interface TemporalOptions {
  readonly cli: string;
  readonly home: Home;
  readonly log: RotatingLog;
  /** Null where this machine has none: every local user then reaches the server. */
  readonly networks: PrivateNetworks | null;
}

/**
 * Starts the server, at the address of the `previous` one, which clients hold, and waits until it
 * serves. Throws NarrowsError `temporal-failed`.
 */
export async function startTemporal(options: TemporalOptions, previous: TemporalServer | null = null): Promise<TemporalServer> {
  const { networks, home } = options;
  if (networks === null) return repeatStart(home, () => tryInOpenNetwork(options, previous?.port));
  const gate = previous?.gate ?? (await createGate(networks));
  try {
    return await repeatStart(home, () => tryBehindGate(options, networks, gate));
  } catch (error) {
    if (previous === null) gate.close();
    throw error;
  }
}

/** Repeats a start that lost a port; `tryStart` returns the output of a server that has ended. */
async function repeatStart(home: Home, tryStart: () => Promise<TemporalServer | string>): Promise<TemporalServer> {
  for (let attempt = 1; ; attempt++) {
    const started = await tryStart();
    if (typeof started !== 'string') return started;
    if (attempt === MOST_ATTEMPTS || !PORT_TAKEN.test(started)) throw startError(home, started);
  }
}

/**
 * Starts the server behind the gate; returns its output where it ends before it serves. The gate
 * and the server end together: what restarts the one restarts the other.
 */
async function tryBehindGate(options: TemporalOptions, networks: PrivateNetworks, gate: Gate): Promise<TemporalServer | string> {
  const { home, log } = options;
  const inside = await gate.open(home, log).catch((error: Error) => {
    throw startError(home, error.message);
  });
  const enter = (command: string, args: readonly string[]) => networks.join(inside.identity.pid, command, args);
  const server = await startServer(options, gate.port, enter).catch(async (error: unknown) => {
    await inside.stop(GATE_SHUTDOWN);
    throw error;
  });
  const stop = async (sequence: ShutdownSequence) => {
    const ended = await Promise.all([server.stop(sequence), inside.stop(GATE_SHUTDOWN)]);
    return ended.every(Boolean);
  };
  void Promise.race([server.exit, inside.exit]).then(() => stop(TEMPORAL_SHUTDOWN));
  const address = `${LOOPBACK}:${gate.port}`;
  const failure = await waitUntilReady(server, address);
  if (failure === null) return { child: { ...server, stop }, port: gate.port, address, gate };
  await stop(TEMPORAL_SHUTDOWN);
  return failure;
}

async function tryInOpenNetwork(options: TemporalOptions, previousPort?: number): Promise<TemporalServer | string> {
  const port = previousPort ?? (await freePort());
  const child = await startServer(options, port, (command, args) => [command, ...args]);
  const address = `${LOOPBACK}:${port}`;
  const failure = await waitUntilReady(child, address);
  if (failure === null) return { child, port, address, gate: null };
  await child.stop(TEMPORAL_SHUTDOWN);
  return failure;
}

function startServer({ cli, home, log }: TemporalOptions, port: number, enter: PrivateNetworks['create']): Promise<Child> {
  const [command, ...args] = enter(cli, [
    ...['server', 'start-dev', '--headless', '--ip', LOOPBACK, '--port', String(port)],
    // Relative: the server makes an address of it, in which "#", "?" and "%" in the name of a
    // folder would end the path.
    ...['--db-filename', 'temporal.db'],
    // Measured: 374 activities per second instead of 134. A power cut may lose the histories of
    // running sweeps; their rows are safe in Postgres, and a restarted sweep skips trials with a
    // row.
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'],
    ...Object.entries(SETTINGS).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
    ...['--log-level', 'warn'],
  ]);
  return startChild({ command, args, variables: privateNetworkVariables(), cwd: home.temporal, log, orphanSignal: 'SIGTERM' });
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
export async function servesNamespace(address: string, timeoutMs = 1000): Promise<boolean> {
  try {
    // Lazy import: stopping a server does not need the client.
    const { Connection } = await import('@temporalio/client');
    const connection = await Connection.connect({ ...clientOptions({ temporal: { address } }), connectTimeout: timeoutMs });
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
