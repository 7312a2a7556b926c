/** Worker process of the embedded stack, which reports to its parent whether it started. */
import { parseArgs } from 'node:util';
import { readLogFormat, readNotificationSettings, readPrivateSources, readThreads } from '../env.ts';
import { createLogger } from '../logger.ts';
import type { WorkerReady } from '../stack/messages.ts';
import { runStackChild } from '../stack/stack-child.ts';
import { WORKER_ENGINES, WORKER_ROLES, type WorkerEngine, type WorkerRole } from '../worker/role.ts';
import { tensorflowFolder } from '../worker/tensorflow-folder.ts';
import { runWorker } from '../worker/worker.ts';

const { role = 'all', engine = 'auto' } = parseArgs({
  options: { role: { type: 'string' }, engine: { type: 'string' } },
}).values;

const logger = createLogger(role, readLogFormat());

await runStackChild<WorkerReady>(logger, ({ environment, servers, signal, send }) =>
  runWorker({
    servers,
    home: environment.home,
    userCache: environment.userCache,
    role: oneOf<WorkerRole>(role, WORKER_ROLES),
    engine: oneOf<WorkerEngine>(engine, WORKER_ENGINES),
    tensorflow: tensorflowFolder(environment),
    ...(role !== 'trainer' && { notifications: readNotificationSettings(), privateSources: readPrivateSources() }),
    threads: readThreads(undefined),
    logger,
    signal,
    onReady: () => void send({ ready: true }),
  }),
);

function oneOf<T extends string>(value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`"${value}" is not one of ${values.join(', ')}`);
  return found;
}
