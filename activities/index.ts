import type { Engine } from '../models/engines/engine.ts';
import type { SweepState } from '../search/states.ts';
import { closeSweep } from './close-sweep.ts';
import { asFailure, type FailureCode } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { PackRange, SweepStore } from './ports.ts';
import { promoteRung } from './promote-rung.ts';
import { recordFailures } from './record-failures.ts';
import { trainPack } from './train-pack.ts';

export type { FinalState } from './close-sweep.ts';
export type { FailureCode } from './failures.ts';
export type { PackRange } from './ports.ts';
export type { DriftDecision, IngestResult, PlannedSweep, RetrainActivities, RetrainRun } from './retrain/index.ts';

/** States that the workflow records while a sweep runs; the final state follows from the counts. */
export type RecordedState = Extract<SweepState, 'running' | 'paused' | 'cancelled' | 'failed'>;

export type Activities = ReturnType<typeof activitiesOver>;

/** Returns the activities of a sweep, by their names on the wire. */
export const activitiesOver = (store: SweepStore, engine: Engine) => ({
  trainPack: (range: PackRange) => asFailure(trainPack(store, engine, range)),
  recordFailures: (range: PackRange & { readonly code: FailureCode; readonly message: string }) =>
    asFailure(recordFailures(store, range)),
  promoteRung: (at: { readonly sweepId: string; readonly rung: number }) => asFailure(promoteRung(store, at)),
  /** The full emulator, another baseline, comes with trials of ECA. */
  baselines: (sweepId: string) =>
    asFailure(
      withHeartbeats({}, async ({ cancellationSignal }) => store.baselines(await store.sweep(sweepId), cancellationSignal)),
    ),
  setSweepState: (to: { readonly sweepId: string; readonly state: RecordedState; readonly message?: string }) =>
    asFailure(store.setState(to.sweepId, to.state, to.message)),
  keepBestModels: (sweepId: string) => asFailure(store.keepBestModels(sweepId)),
  compareSweep: (sweepId: string) => asFailure(store.compare(sweepId)),
  interpretSweep: (sweepId: string) => asFailure(store.interpret(sweepId)),
  closeSweep: (sweepId: string) => asFailure(closeSweep(store, sweepId)),
});
