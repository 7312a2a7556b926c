/** Long computations in threads: the main thread must stay free, for heartbeats above all. */

import { NarrowsError } from '../errors.ts';
import type { ChallengeOptions, ChampionDriftOptions, DriftResult } from '../models/drift/hold-outs.ts';
import type { ChallengeRecord } from '../models/drift/record.ts';
import type { BaselineScore } from '../models/evaluation/baselines.ts';
import type { InterpretationData, Interpreted, InterpretedCell } from '../models/interpretation/interpretation.ts';
import type { PackData } from '../models/training/task.ts';
import { startThread } from '../platform.ts';

/** Questions to a thread, and its answers. */
export interface Computations {
  readonly baselines: {
    readonly question: { readonly data: PackData; readonly components: readonly number[] };
    readonly answer: BaselineScore[];
  };
  readonly interpretation: {
    readonly question: { readonly data: InterpretationData; readonly cells: readonly InterpretedCell[] };
    readonly answer: Interpreted;
  };
  readonly drift: { readonly question: ChampionDriftOptions; readonly answer: DriftResult | null };
  readonly challenge: { readonly question: ChallengeOptions; readonly answer: ChallengeRecord[] };
}

export type ThreadAnswer =
  | { readonly answer: unknown }
  | { readonly error: { readonly code: string | null; readonly message: string } };

/** Computes in a thread; rejects with the signal's reason when it is aborted. */
export async function compute<Kind extends keyof Computations>(
  kind: Kind,
  question: Computations[Kind]['question'],
  signal?: AbortSignal,
): Promise<Computations[Kind]['answer']> {
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
    if ('answer' in result) return result.answer as Computations[Kind]['answer'];
    const { code, message } = result.error;
    throw code === null ? new Error(message) : new NarrowsError(code, message);
  } finally {
    signal?.removeEventListener('abort', abort);
    await thread.terminate();
  }
}
