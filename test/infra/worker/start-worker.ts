/** A worker within the process of a test, which trains with one thread of the kernel. */
import { readEnvironment } from '../../../infra/env.ts';
import { runWorker } from '../../../infra/worker/worker.ts';

export interface WorkerPlace {
  readonly databaseUrl: string;
  /** Address of Temporal. */
  readonly address: string;
  readonly home: string;
  readonly trainerClass?: string;
}

/** Starts a worker of every role; rejects where it does not start. Disposal stops it. */
export async function startWorker({ databaseUrl, address, home, trainerClass }: WorkerPlace): Promise<AsyncDisposable> {
  const [ready, stopping] = [Promise.withResolvers<void>(), new AbortController()];
  const ended = runWorker({
    ...{ servers: { databaseUrl, temporal: { address }, namespace: 'default' }, home, tensorflow: '' },
    ...(trainerClass !== undefined && { trainerClass }),
    ...{ userCache: readEnvironment().userCache, role: 'all', engine: 'kernel', threads: 1 },
    ...{ signal: stopping.signal, onReady: ready.resolve },
  });
  await Promise.race([ready.promise, ended]);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended;
    },
  };
}
