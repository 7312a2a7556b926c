/** Starts a Node process of the embedded stack and waits until it reports that it is ready. */
import { NarrowsError } from '../../errors.ts';
import { buildChildVariables } from '../env.ts';
import { type Child, startChild } from '../processes/child.ts';
import { resolveEntry } from '../processes/entry.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import type { ServerAddresses } from '../servers.ts';
import type { StartFailure } from './messages.ts';

export interface NodeProcessOptions {
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
export async function startNodeProcess<Ready extends object>(
  options: NodeProcessOptions,
): Promise<{ readonly child: Child; readonly ready: Ready }> {
  const { entry, flags, args, servers, home, log, shutdown, startMilliseconds, failure } = options;
  const child = await startChild({
    command: process.execPath,
    args: [...flags, resolveEntry(entry), ...args],
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
