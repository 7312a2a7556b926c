import type { Engine } from '../models/engines/engine.ts';
import type { SweepState } from '../search/states.ts';
import { chooseWidths } from './choose-widths.ts';
import { closeSweep } from './close-sweep.ts';
import { asFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { PackRange, SweepStore } from './ports.ts';
import { promoteReached, promoteRung } from './promote-rung.ts';
import { readProgress } from './read-progress.ts';
import { recordFailures } from './record-failures.ts';
import { createSharedLock } from './shared-lock.ts';
import { trainPack } from './train-pack.ts';

export type { FinalState } from './close-sweep.ts';
export type { FailureCode } from './failures.ts';
export type { PackProgress, PackRange } from './ports.ts';
export type { PlannedSweep, RetrainActivities, RetrainRun } from './retrain/index.ts';

export type { PackDetails } from './train-pack.ts';

/** States that the workflow records while a sweep runs; the final state follows from the counts. */
export type RecordedState = Extract<SweepState, 'running' | 'paused' | 'cancelled' | 'failed'>;

export type Activities = ReturnType<typeof activitiesOver>;

/** Sends heartbeats, without which the death of the worker would be noticed at the time limit. */
const run = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  asFailure(withHeartbeats({}, ({ cancellationSignal }) => work(cancellationSignal)));

/** Returns the activities of a sweep, by their names on the wire. */
export const activitiesOver = (store: SweepStore, engine: Engine, lock = createSharedLock()) => ({
  trainPack: (range: PackRange) => asFailure(trainPack(store, engine, lock, range)),
  readProgress: (range: PackRange) => run(() => readProgress(store, range)),
  recordFailures: (range: PackRange & { readonly code: string; readonly message: string }) =>
    run(() => recordFailures(store, engine, range)),
  promoteRung: (at: Parameters<typeof promoteRung>[1]) => run(() => promoteRung(store, at)),
  chooseWidths: (at: Parameters<typeof chooseWidths>[1]) => run(() => chooseWidths(store, at)),
  promoteReached: (at: Parameters<typeof promoteReached>[1]) => run(() => promoteReached(store, at)),
  /** The full emulator, another baseline, comes with trials of ECA. */
  baselines: (sweepId: string) =>
    run((signal) => lock.shared(signal, async () => store.baselines(await store.sweep(sweepId), signal))),
  setSweepState: (to: { readonly sweepId: string; readonly state: RecordedState; readonly message?: string }) =>
    run(() => store.setState(to.sweepId, to.state, to.message)),
  keepBestModels: (sweepId: string) => run(() => store.keepBestModels(sweepId)),
  compareSweep: (sweepId: string) => run((signal) => store.compare(sweepId, signal)),
  interpretSweep: (sweepId: string) => run((signal) => store.interpret(sweepId, signal)),
  closeSweep: (sweepId: string) => run(() => closeSweep(store, sweepId)),
});
