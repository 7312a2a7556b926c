/**
 * Runs boxes from a thread: starting a process stops the thread that starts it for milliseconds,
 * in which a server answers nobody.
 */
import type { Worker } from 'node:worker_threads';
import { errorOf, type Fault } from '../../errors.ts';
import { startThread } from '../../platform.ts';
import type { Kind, Request, Tasks } from './messages.ts';

/** Sent to the thread. */
export type Order =
  | { readonly kind: 'run'; readonly id: number; readonly request: Request }
  /** The result has been taken over: the box may end. */
  | { readonly kind: 'taken'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number };

/** Sent by the thread: the result first, `ended` when the box has ended. */
export type Progress =
  | { readonly kind: 'done'; readonly id: number; readonly result: Tasks[Kind]['gives'] }
  | { readonly kind: 'ended'; readonly id: number }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly error: Error;
      readonly properties: Readonly<Record<string, unknown>>;
    };

interface Thread {
  readonly worker: Worker;
  /** Called with what the thread sends, or the error with which it ended; by box. */
  readonly listeners: Map<number, (progress: Progress | Error) => void>;
}

let thread: Thread | null = null;
let lastId = 0;

function openThread(): Thread {
  if (thread !== null) return thread;
  const opened: Thread = { worker: startThread(import.meta.url, 'background-thread'), listeners: new Map() };
  const end = (error: Error) => {
    if (thread === opened) thread = null;
    for (const listener of opened.listeners.values()) listener(error);
  };
  opened.worker.on('message', (progress: Progress) => opened.listeners.get(progress.id)?.(progress));
  opened.worker.once('error', end);
  opened.worker.once('exit', (code) => end(new Error(`the thread that runs boxes ended with code ${code}`)));
  opened.worker.unref();
  thread = opened;
  return opened;
}

/** As runBox, with low priority, from a thread. */
export async function runBoxInThread<K extends Kind, T>(
  request: Request<K>,
  signal: AbortSignal | undefined,
  take: (result: Tasks[K]['gives']) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const { worker, listeners } = openThread();
  const id = ++lastId;
  const order = (sent: Order) => worker.postMessage(sent);
  const result = Promise.withResolvers<Tasks[K]['gives']>();
  const ended = Promise.withResolvers<void>();
  const abort = () => order({ kind: 'abort', id });
  const fail = (error: Error) => {
    result.reject(error);
    ended.resolve();
  };
  listeners.set(id, (progress) => {
    if (progress instanceof Error) fail(progress);
    else if (progress.kind === 'done') result.resolve(progress.result as Tasks[K]['gives']);
    else if (progress.kind === 'ended') ended.resolve();
    else if (signal?.aborted) fail(signal.reason);
    else if (progress.kind === 'fault') fail(errorOf(progress.fault));
    else fail(Object.assign(progress.error, progress.properties));
  });
  // A process must not end while a box runs.
  if (listeners.size === 1) worker.ref();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    order({ kind: 'run', id, request: request as Request });
    const taken = await take(await result.promise);
    order({ kind: 'taken', id });
    return taken;
  } catch (error) {
    abort();
    throw error;
  } finally {
    await ended.promise;
    signal?.removeEventListener('abort', abort);
    listeners.delete(id);
    if (listeners.size === 0) worker.unref();
  }
}
