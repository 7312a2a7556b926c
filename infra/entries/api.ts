/** The dashboards as a process of the embedded stack: tells its parent where it listens, or why it cannot. */
import { parseArgs } from 'node:util';
import { DEFAULT_PORT, startServer } from '../../dashboards/server/serve.ts';
import { readEnvironment } from '../env.ts';
import { NarrowsError } from '../errors.ts';
import { homeAt } from '../home.ts';
import { pagesIn } from '../pages.ts';
import { LOOPBACK } from '../ports.ts';
import { externalServers } from '../servers.ts';

/** Sent to the parent process. */
export type ApiMessage = { readonly port: number } | { readonly failed: string };

const { port } = parseArgs({ options: { port: { type: 'string' } } }).values;

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
// The supervisor is gone, and the servers go with it.
process.on('disconnect', () => process.exit(1));

const tell = (message: ApiMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });

try {
  const environment = readEnvironment();
  const servers = externalServers(environment);
  if (!servers) throw new Error('a process of the stack is told both addresses');
  const server = await startServer({
    servers,
    temporalUrl: null,
    home: environment.home,
    host: LOOPBACK,
    port: port === undefined ? DEFAULT_PORT : Number(port),
    orAnyPort: true,
    pages: pagesIn(homeAt(environment.home).cache),
    log: (error) => console.error(error),
  });
  await tell({ port: server.port });
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  await server.close();
  process.exit(0);
} catch (error) {
  console.error(error);
  await tell({ failed: error instanceof NarrowsError ? error.message : String((error as Error).message ?? error) });
  process.exit(1);
}
