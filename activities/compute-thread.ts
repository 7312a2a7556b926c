/** The thread of compute.ts: one computation. */
import { parentPort, workerData } from 'node:worker_threads';
import { NarrowsError } from '../errors.ts';
import { detectChampionDrift, evaluateChallenges } from '../models/drift/hold-outs.ts';
import { scoreBaselines } from '../models/evaluation/baselines.ts';
import {
  type CellEffort,
  type ComparedBaseline,
  type ComparedTrial,
  type ComparisonSubject,
  compareMethods,
} from '../models/evaluation/comparison.ts';
import {
  type InterpretationData,
  type InterpretedCell,
  interpret,
  interpretFields,
} from '../models/interpretation/interpretation.ts';
import type { PackData } from '../models/training/task.ts';

interface ComparisonQuestion {
  readonly about: ComparisonSubject;
  readonly trials: readonly ComparedTrial[];
  readonly baselines: readonly ComparedBaseline[];
  readonly efforts: readonly CellEffort[];
}

const computations = {
  baselines: ({ data, components }: { readonly data: PackData; readonly components: readonly number[] }) =>
    scoreBaselines(data, components),
  comparison: ({ about, trials, baselines, efforts }: ComparisonQuestion) => compareMethods(about, trials, baselines, efforts),
  interpretation: ({ data, cells }: { readonly data: InterpretationData; readonly cells: readonly InterpretedCell[] }) =>
    interpret(data, cells),
  fields: ({ pack, cells }: { readonly pack: PackData; readonly cells: readonly InterpretedCell[] }) =>
    interpretFields(pack, cells),
  drift: detectChampionDrift,
  challenge: evaluateChallenges,
};

export type Computations = typeof computations;

export type ThreadAnswer =
  | { readonly answer: unknown }
  | { readonly error: { readonly code: string | null; readonly message: string } };

function answer({ kind, question }: { kind: keyof Computations; question: never }): ThreadAnswer {
  try {
    return { answer: computations[kind](question) };
  } catch (error) {
    // The class of an error is lost between threads: its code is sent.
    const code = error instanceof NarrowsError ? error.code : null;
    return {
      error: { code, message: error instanceof Error ? (code ? error.message : (error.stack ?? error.message)) : String(error) },
    };
  }
}

parentPort?.postMessage(answer(workerData));
