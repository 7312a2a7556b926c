/** A worker as a process of the embedded stack: tells its parent when it is ready, or why it cannot be. */
import { parseArgs } from 'node:util';
import { readEnvironment, readTelling } from '../env.ts';
import { NarrowsError } from '../errors.ts';
import { externalServers } from '../servers.ts';
import { tensorflowFolder } from '../tensorflow-folder.ts';
import { runWorker } from '../worker.ts';
import { WORKER_ENGINES, WORKER_ROLES, type WorkerEngine, type WorkerRole } from '../worker-role.ts';

/** Sent to the parent process. */
export type WorkerMessage = { readonly ready: true } | { readonly failed: string };

const { role = 'all', engine = 'auto' } = parseArgs({
  options: { role: { type: 'string' }, engine: { type: 'string' } },
}).values;

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
// The supervisor is gone, and the servers go with it: there is nothing to finish.
process.on('disconnect', () => process.exit(1));

const tell = (message: WorkerMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });

try {
  const environment = readEnvironment();
  const servers = externalServers(environment);
  if (!servers) throw new Error('a worker of the stack is told both addresses');
  await runWorker({
    servers,
    home: environment.home,
    role: oneOf<WorkerRole>(role, WORKER_ROLES),
    engine: oneOf<WorkerEngine>(engine, WORKER_ENGINES),
    tensorflow: tensorflowFolder(environment),
    ...(role !== 'trainer' && { telling: readTelling() }),
    signal: stop.signal,
    onReady: () => void tell({ ready: true }),
  });
  process.exit(0);
} catch (error) {
  console.error(error);
  await tell({ failed: error instanceof NarrowsError ? error.message : String((error as Error).message ?? error) });
  process.exit(1);
}

function oneOf<T extends string>(value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`"${value}" is none of ${values.join(', ')}`);
  return found;
}
