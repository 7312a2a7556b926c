/**
 * Runs boxes by a small process: starting one stops the process that starts it, all its threads
 * included, for the longer the more memory it has, and meanwhile a server answers nobody.
 */
import type { ChildProcess } from 'node:child_process';
import { errorOf, type Fault } from '../../errors.ts';
import { readerLostError } from './errors.ts';
import { startModule } from './fork.ts';
import type { Kind, Request, Tasks } from './messages.ts';

/** Sent to the host. */
export type Order =
  | { readonly kind: 'run'; readonly id: number; readonly request: Request }
  /** The result has been taken over: the box may end. */
  | { readonly kind: 'taken'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number };

/** Sent by the host: the result first, `ended` when the box has ended. */
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

interface Host {
  readonly process: ChildProcess;
  /** Called with what the host sends, or the error with which it ended; by box. */
  readonly listeners: Map<number, (progress: Progress | Error) => void>;
}

let host: Host | null = null;
let lastId = 0;

function openHost(): Host {
  if (host !== null) return host;
  const opened: Host = {
    // Its memory stays small: that is what it is for.
    process: startModule('background-host', ['--max-old-space-size=128'], { errors: 'ignore', ownSession: true }),
    listeners: new Map(),
  };
  const end = (error: Error) => {
    if (host === opened) host = null;
    for (const listener of opened.listeners.values()) listener(error);
  };
  opened.process.on('message', (progress: Progress) => opened.listeners.get(progress.id)?.(progress));
  opened.process.on('error', end);
  opened.process.once('exit', (code, signal) => end(readerLostError('the file', signal ?? `exit code ${code}`)));
  opened.process.unref();
  opened.process.channel?.unref();
  host = opened;
  return opened;
}

/** As runBox, with low priority, by a process of its own. */
export async function runBoxInBackground<K extends Kind, T>(
  request: Request<K>,
  signal: AbortSignal | undefined,
  take: (result: Tasks[K]['gives']) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const { process: child, listeners } = openHost();
  const id = ++lastId;
  // What a host that has died does not receive is reported by its exit.
  const order = (sent: Order) => child.connected && child.send(sent, () => {});
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
  if (listeners.size === 1) child.channel?.ref();
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
    if (listeners.size === 0) child.channel?.unref();
  }
}
