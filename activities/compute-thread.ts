/** The thread of compute.ts: one computation. */
import { parentPort, workerData } from 'node:worker_threads';
import { NarrowsError } from '../errors.ts';
import { detectChampionDrift, evaluateChallenges } from '../models/drift/hold-outs.ts';
import { scoreBaselines } from '../models/evaluation/baselines.ts';
import { interpret } from '../models/interpretation/interpretation.ts';
import type { Computations, ThreadAnswer } from './compute.ts';

type Answers = {
  readonly [Kind in keyof Computations]: (question: Computations[Kind]['question']) => Computations[Kind]['answer'];
};

const answers: Answers = {
  baselines: ({ data, components }) => scoreBaselines(data, components),
  interpretation: ({ data, cells }) => interpret(data, cells),
  drift: detectChampionDrift,
  challenge: evaluateChallenges,
};

function answer({ kind, question }: { kind: keyof Computations; question: never }): ThreadAnswer {
  try {
    return { answer: answers[kind](question) };
  } catch (error) {
    // The class of an error is lost between threads: its code is sent.
    const code = error instanceof NarrowsError ? error.code : null;
    return {
      error: { code, message: error instanceof Error ? (code ? error.message : (error.stack ?? error.message)) : String(error) },
    };
  }
}

parentPort?.postMessage(answer(workerData));
