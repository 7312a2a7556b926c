/** Computations of more than a moment beside the main thread, which answers other requests meanwhile. One thread, one computation after the other. */

import type { Worker } from 'node:worker_threads';
import type { ComparedBaseline, ComparedTrial, Comparison } from '../../../models/evaluation/comparison.ts';
import type { Feature, Importances } from '../../../models/evaluation/importance.ts';
import { startThread } from '../../../platform.ts';

export interface Computations {
  readonly comparison: {
    readonly question: {
      readonly about: Pick<Comparison, 'sweeps' | 'dataset' | 'target'>;
      readonly trials: readonly ComparedTrial[];
      readonly baselines: readonly ComparedBaseline[];
    };
    readonly answer: Comparison;
  };
  readonly interval: {
    readonly question: { readonly values: readonly number[]; readonly name: string };
    readonly answer: { readonly mean: number; readonly low: number; readonly high: number };
  };
  readonly importance: {
    readonly question: { readonly features: readonly Feature[]; readonly target: Float64Array };
    readonly answer: Importances;
  };
}

export interface WorkerRequest {
  readonly number: number;
  readonly kind: keyof Computations;
  readonly question: unknown;
}

export type WorkerResponse = { readonly number: number } & ({ readonly answer: unknown } | { readonly error: string });

export type Compute = <Kind extends keyof Computations>(
  kind: Kind,
  question: Computations[Kind]['question'],
) => Promise<Computations[Kind]['answer']>;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The thread starts with the first question and keeps no process alive that waits for no answer. */
export function createComputeClient(): Compute {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let thread: Worker | null = null;
  const start = (): Worker => {
    const started = startThread(import.meta.url, 'compute-worker');
    const lost = (error: unknown) => {
      if (thread === started) thread = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('message', (told: WorkerResponse) => {
      const asker = waiting.get(told.number);
      waiting.delete(told.number);
      if (waiting.size === 0) started.unref();
      if ('answer' in told) asker?.resolve(told.answer);
      else asker?.reject(new Error(told.error));
    });
    started.on('error', lost);
    started.on('exit', (code) => lost(new Error(`the thread that computes answers ended with code ${code}`)));
    return started;
  };
  return (kind, question) => {
    thread ??= start();
    const number = asked++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.set(number, { resolve, reject });
    thread.ref();
    thread.postMessage({ number, kind, question } satisfies WorkerRequest);
    return promise as Promise<Computations[typeof kind]['answer']>;
  };
}
