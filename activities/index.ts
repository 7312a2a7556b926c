import type { Engine } from '../models/engines/engine.ts';
import type { SweepState } from '../search/states.ts';
import { closeSweep, type FinalState } from './close-sweep.ts';
import { type FailureCode, toFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { PackRange, PackResult } from './packs.ts';
import type { SweepClosing, SweepStore } from './ports.ts';
import { promoteRung } from './promote-rung.ts';
import { recordFailures } from './record-failures.ts';
import { trainPack } from './train-pack.ts';

export type { FinalState } from './close-sweep.ts';
export type { FailureCode } from './failures.ts';
export type { PackRange, PackResult } from './packs.ts';
export type { DriftDecision, IngestResult, PlannedSweep, RetrainActivities, RetrainRun } from './retrain/index.ts';

/** States that the workflow records while a sweep runs; the final state follows from the counts. */
export type RecordedState = Extract<SweepState, 'running' | 'paused' | 'cancelled' | 'failed'>;

/** Activities of a sweep, by their names on the wire. */
export interface Activities {
  /** Trains the pending trials of the range and writes their rows as they end. */
  trainPack(range: PackRange): Promise<PackResult>;
  /** Records the outcome 'failed' for the pending trials of the range; returns their number. */
  recordFailures(range: PackRange & { readonly code: FailureCode; readonly message: string }): Promise<number>;
  /** Promotes or prunes the trials of this rung; returns the number that enter the next. */
  promoteRung(at: { readonly sweepId: string; readonly rung: number }): Promise<number>;
  /** Fits ridge, PCA regression and PLS2 at each k; the full emulator comes with trials of ECA. */
  baselines(sweepId: string): Promise<void>;
  setSweepState(to: { readonly sweepId: string; readonly state: RecordedState; readonly message?: string }): Promise<void>;
  /** Drops the weights of all but the best trials of each method and k. */
  keepBestModels(sweepId: string): Promise<void>;
  /** Reads the test scores, once, and stores the comparison of the methods. */
  compareSweep(sweepId: string): Promise<void>;
  /** Interprets the sweep in terms of the structure, and stores the result with its fields. */
  interpretSweep(sweepId: string): Promise<void>;
  /** Records the state that follows from the counts of outcomes, and returns it. */
  closeSweep(sweepId: string): Promise<FinalState>;
}

/** Ports to storage and engine. */
export interface ActivityPorts {
  readonly store: SweepStore;
  readonly closing: SweepClosing;
  readonly engine: Engine;
}

/** Builds the activities over these ports; errors become failures of the closed vocabulary. */
export function activitiesOver({ store, closing, engine }: ActivityPorts): Activities {
  return {
    trainPack: (range) => asFailure(trainPack(store, engine, range)),
    recordFailures: (range) => asFailure(recordFailures(store, range)),
    promoteRung: (at) => asFailure(promoteRung(store, at)),
    baselines: (sweepId) =>
      asFailure(
        withHeartbeats({}, async ({ cancellationSignal }) => closing.baselines(await store.sweep(sweepId), cancellationSignal)),
      ),
    setSweepState: ({ sweepId, state, message }) => asFailure(store.setState(sweepId, state, message)),
    keepBestModels: (sweepId) => asFailure(closing.keepBestModels(sweepId)),
    compareSweep: (sweepId) => asFailure(closing.compare(sweepId)),
    interpretSweep: (sweepId) => asFailure(closing.interpret(sweepId)),
    closeSweep: (sweepId) => asFailure(closeSweep(store, sweepId)),
  };
}

function asFailure<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw toFailure(error);
  });
}
