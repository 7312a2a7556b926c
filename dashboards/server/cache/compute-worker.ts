/** The thread of computing.ts. */
import { parentPort } from 'node:worker_threads';
import { bootstrap, compareMethods } from '../../../models/evaluation/comparison.ts';
import { parameterImportance } from '../../../models/evaluation/importance.ts';
import type { Computations, WorkerRequest, WorkerResponse } from './compute-client.ts';

type Answers = {
  readonly [Kind in keyof Computations]: (question: Computations[Kind]['question']) => Computations[Kind]['answer'];
};

const answers: Answers = {
  comparison: ({ about, trials, baselines }) => compareMethods(about, trials, baselines),
  interval: ({ values, name }) => bootstrap(values, name),
  importance: ({ features, target }) => parameterImportance(features, target),
};

function answer({ number, kind, question }: WorkerRequest): WorkerResponse {
  try {
    return { number, answer: answers[kind](question as never) };
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on('message', (question: WorkerRequest) => parentPort?.postMessage(answer(question)));
