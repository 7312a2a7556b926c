/** What every process of the embedded stack does alike: ends when it is told to or when its supervisor is gone, and tells how its start went. */

import { NarrowsError } from '../../errors.ts';
import { type Environment, readEnvironment } from '../env.ts';
import { readExternalServers, type ServerAddresses } from '../servers.ts';
import type { StartFailure } from './messages.ts';

export interface StackChild<Message> {
  readonly environment: Environment;
  readonly servers: ServerAddresses;
  /** Aborted by a request to end. */
  readonly signal: AbortSignal;
  /** Sent to the parent process. */
  send(message: Message): Promise<void>;
}

/** Does the work, and ends the process with it; a failure is written to the log and told. */
export async function runStackChild<Message>(work: (child: StackChild<Message>) => Promise<void>): Promise<never> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  // The supervisor is gone, and the servers go with it: there is nothing to finish.
  process.on('disconnect', () => process.exit(1));
  const tell = (message: Message | StartFailure): Promise<void> =>
    new Promise((resolve) => {
      if (process.send) process.send(message, () => resolve());
      else resolve();
    });
  try {
    const environment = readEnvironment();
    const servers = readExternalServers(environment);
    if (!servers) throw new Error('a process of the stack is told both addresses');
    await work({ environment, servers, signal: stop.signal, send: tell });
    process.exit(0);
  } catch (error) {
    console.error(error);
    await tell({ failed: error instanceof NarrowsError ? error.message : String((error as Error).message ?? error) });
    process.exit(1);
  }
}
