/** Frame of a process of the stack: ends on a signal or with its supervisor, reports its start. */
import { NarrowsError } from '../../errors.ts';
import { type Environment, readEnvironment, readTracing } from '../env.ts';
import { type Logger, logErrors } from '../logger.ts';
import { readExternalServers, type ServerAddresses } from '../servers.ts';
import type { Answer, Question, StartFailure } from './messages.ts';

export interface StackChild<Message> {
  readonly environment: Environment;
  readonly servers: ServerAddresses;
  /** Aborted by a signal to stop. */
  readonly signal: AbortSignal;
  /** Sends a message to the parent process. */
  send(message: Message): Promise<void>;
}

/** Runs `work` and exits. A failure is logged and sent to the parent. */
export async function runStackChild<Message>(
  logger: Logger,
  work: (child: StackChild<Message>) => Promise<void>,
): Promise<never> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  // Without its supervisor the servers end too: there is nothing to finish.
  process.on('disconnect', () => process.exit(1));
  const send = (message: Message | StartFailure | Answer): Promise<void> =>
    new Promise((resolve) => {
      if (process.send) process.send(message, () => resolve());
      else resolve();
    });
  process.on('message', ({ question }: Question) => void send({ answer: question }));
  try {
    const environment = readEnvironment();
    const servers = readExternalServers(environment);
    if (!servers) throw new Error('a process of the stack needs the addresses of both servers');
    {
      const tracing = readTracing();
      // Loaded here: no process without traces needs it.
      await using _tracing = tracing && (await import('../tracing/open.ts')).openTracing('up', tracing);
      await work({ environment, servers, signal: stop.signal, send });
    }
    process.exit(0);
  } catch (error) {
    logErrors(logger)(error);
    await send({ failed: error instanceof NarrowsError ? error.message : String((error as Error).message ?? error) });
    process.exit(1);
  }
}
