/** The worker thread of compute-client.ts. */
import { parentPort } from 'node:worker_threads';
import { bootstrap, compareMethods } from '../../../models/evaluation/comparison.ts';
import { parameterImportance } from '../../../models/evaluation/importance.ts';

const computations = { comparison: compareMethods, interval: bootstrap, importance: parameterImportance } as const;
export type Computations = typeof computations;

export interface WorkerRequest {
  readonly id: number;
  readonly kind: keyof Computations;
  readonly input: readonly unknown[];
}

export type WorkerResponse = { readonly id: number } & ({ readonly output: unknown } | { readonly error: string });

function execute({ id, kind, input }: WorkerRequest): WorkerResponse {
  try {
    return { id, output: (computations[kind] as (...input: unknown[]) => unknown)(...input) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on('message', (request: WorkerRequest) => parentPort?.postMessage(execute(request)));
