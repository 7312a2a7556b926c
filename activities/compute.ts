/** Long computations in threads: the main thread must stay free, for heartbeats above all. */
import { NarrowsError } from '../errors.ts';
import { askThread } from '../platform.ts';
import type { Computations, ThreadAnswer } from './compute-thread.ts';

/** Computes in a thread; rejects with the signal's reason when it is aborted. */
export async function compute<Kind extends keyof Computations>(
  kind: Kind,
  question: Parameters<Computations[Kind]>[0],
  signal?: AbortSignal,
): Promise<ReturnType<Computations[Kind]>> {
  const result = await askThread<ThreadAnswer>(import.meta.url, 'compute-thread', { workerData: { kind, question }, signal });
  if ('answer' in result) return result.answer as ReturnType<Computations[Kind]>;
  const { code, message } = result.error;
  throw code === null ? new Error(message) : new NarrowsError(code, message);
}
