/** Long computations in threads: the main thread must stay free, for heartbeats above all. */
import { NarrowsError } from '../errors.ts';
import { startThread } from '../platform.ts';
import type { Computations, ThreadAnswer } from './compute-thread.ts';

/** Computes in a thread; rejects with the signal's reason when it is aborted. */
export async function compute<Kind extends keyof Computations>(
  kind: Kind,
  question: Parameters<Computations[Kind]>[0],
  signal?: AbortSignal,
): Promise<ReturnType<Computations[Kind]>> {
  signal?.throwIfAborted();
  const thread = startThread(import.meta.url, 'compute-thread', { workerData: { kind, question } });
  const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`the thread that computed the ${kind} ended with code ${code}`)));
  try {
    const result = await promise;
    if ('answer' in result) return result.answer as ReturnType<Computations[Kind]>;
    const { code, message } = result.error;
    throw code === null ? new Error(message) : new NarrowsError(code, message);
  } finally {
    signal?.removeEventListener('abort', abort);
    await thread.terminate();
  }
}
