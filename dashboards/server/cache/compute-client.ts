/** Runs long computations in one worker thread, so that the main thread stays responsive. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Computations, WorkerRequest, WorkerResponse } from './compute-worker.ts';

export type Compute = <Kind extends keyof Computations>(
  kind: Kind,
  ...input: Parameters<Computations[Kind]>
) => Promise<ReturnType<Computations[Kind]>>;

/** The thread starts with the first computation, and does not keep an idle process alive. */
export function createComputeClient(): Compute {
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  let requests = 0;
  let worker: Worker | null = null;
  const start = (): Worker => {
    // TypeScript in the checkout, JavaScript in the published package.
    const started = new Worker(new URL(`./compute-worker${extname(import.meta.url)}`, import.meta.url));
    const fail = (error: unknown) => {
      if (worker === started) worker = null;
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    };
    started.on('message', (response: WorkerResponse) => {
      const request = pending.get(response.id);
      pending.delete(response.id);
      if (pending.size === 0) started.unref();
      if ('output' in response) request?.resolve(response.output);
      else request?.reject(new Error(response.error));
    });
    started.on('error', fail);
    started.on('exit', (code) => fail(new Error(`the compute worker exited with code ${code}`)));
    return started;
  };
  return (kind, ...input) => {
    worker ??= start();
    const id = requests++;
    const request = Promise.withResolvers<unknown>();
    pending.set(id, request);
    worker.ref();
    worker.postMessage({ id, kind, input } satisfies WorkerRequest);
    return request.promise as Promise<ReturnType<Computations[typeof kind]>>;
  };
}
