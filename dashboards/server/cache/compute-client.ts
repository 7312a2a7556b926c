/** Runs long computations in threads, so that the main thread stays responsive. */
import type { Worker } from 'node:worker_threads';
import type { NarrowsError } from '../../../errors.ts';
import { startThread } from '../../../platform.ts';
import { type Computations, fromPlain, type ThreadRequest, type ThreadResponse } from './thread-messages.ts';

export type Compute<Offered extends Computations> = <Kind extends keyof Offered & string>(
  kind: Kind,
  ...input: Parameters<Offered[Kind]>
) => Promise<Awaited<ReturnType<Offered[Kind]>>>;

interface ComputeLimit {
  readonly ms: number;
  readonly megabytes: number;
  /** Error of a computation that exceeds them. */
  exceeded(): NarrowsError;
}

interface ComputeOptions {
  readonly threads?: number;
  readonly limit?: ComputeLimit;
}

interface Task extends Omit<ThreadRequest, 'id'> {
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/**
 * Returns a function that runs the computations of the module `name` in this folder, each thread
 * one at a time; the others wait in order. Threads start when they are needed, keep no idle process
 * alive, and end with a computation that exceeds the limit.
 */
export function createComputeClient<Offered extends Computations>(
  name: string,
  { threads = 1, limit }: ComputeOptions = {},
): Compute<Offered> {
  const waiting: Task[] = [];
  const idle: Thread[] = [];
  let alive = 0;
  const startNext = () => {
    while (waiting.length > 0 && (idle.length > 0 || alive < threads)) {
      const thread = idle.pop() ?? open();
      thread.run(waiting.shift() as Task);
    }
  };
  const open = (): Thread => {
    alive += 1;
    const options = limit && { resourceLimits: { maxOldGenerationSizeMb: limit.megabytes } };
    return openThread(startThread(import.meta.url, name, options), limit, {
      onIdle(thread) {
        idle.push(thread);
        startNext();
      },
      onEnd(thread) {
        alive -= 1;
        if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
        startNext();
      },
    });
  };
  return (kind, ...input) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.push({ kind, input, resolve, reject });
    startNext();
    return promise as Promise<Awaited<ReturnType<Offered[typeof kind]>>>;
  };
}

interface Thread {
  run(task: Task): void;
}

interface ThreadEvents {
  onIdle(thread: Thread): void;
  onEnd(thread: Thread): void;
}

function openThread(worker: Worker, limit: ComputeLimit | undefined, { onIdle, onEnd }: ThreadEvents): Thread {
  let current: { readonly id: number; readonly task: Task } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let requests = 0;
  let isTooLong = false;
  let hasEnded = false;
  const giveUp = () => {
    isTooLong = true;
    void worker.terminate();
  };
  const settle = (): Task | undefined => {
    clearTimeout(timer);
    const task = current?.task;
    current = null;
    return task;
  };
  const end = (error: unknown) => {
    if (hasEnded) return;
    hasEnded = true;
    settle()?.reject(error);
    onEnd(thread);
  };
  const thread: Thread = {
    run(task) {
      current = { id: requests++, task };
      worker.ref();
      worker.postMessage({ id: current.id, kind: task.kind, input: task.input } satisfies ThreadRequest);
    },
  };
  worker.on('message', (response: ThreadResponse) => {
    if (response.id !== current?.id) return;
    if ('started' in response) {
      // The start of the thread itself does not count.
      if (limit) timer = setTimeout(giveUp, limit.ms);
      return;
    }
    const task = settle();
    worker.unref();
    if ('output' in response) task?.resolve(response.output);
    else task?.reject('problem' in response ? fromPlain(response.problem) : new Error(response.error));
    onIdle(thread);
  });
  worker.on('error', (error) => {
    const isOutOfMemory = limit && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    end(isOutOfMemory ? limit.exceeded() : error);
  });
  worker.on('exit', (code) => {
    end(isTooLong && limit ? limit.exceeded() : new Error(`the thread exited with code ${code}`));
  });
  return thread;
}
