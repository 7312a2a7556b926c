import type { QueryDefinition, SignalDefinition } from '@temporalio/workflow';
import type { SweepCursor } from './sweep-input.ts';

// As those of the SDK, which commands, and others that send messages alone, need not load.
const defineSignal = <Args extends unknown[] = []>(name: string) => ({ type: 'signal', name }) as SignalDefinition<Args>;
const defineQuery = <Answer>(name: string) => ({ type: 'query', name }) as QueryDefinition<Answer>;

/** Stops within about a second: packs are interrupted, and resume from their checkpoints. */
export const pauseSignal = defineSignal('pause');

export const resumeSignal = defineSignal('resume');

/**
 * Trains failed trials again once everything else has ended. A signal and not an update, so that it
 * can start a new run of a finished sweep (signal-with-start).
 */
export const retryFailedSignal = defineSignal('retryFailed');

/**
 * Sets the number of packs of a route, by default the first, that may be scheduled at a time, and
 * the time-out of their heartbeats: operations/sweeps/pack-windows.ts.
 */
export const windowSignal = defineSignal<[packs: number, route?: number, heartbeatTimeoutMs?: number]>('window');

/** Progress of the workflow; counts by outcome are in the database. */
export interface SweepProgress extends Omit<SweepCursor, 'retryRequested'> {
  readonly rungs: number;
  /** Trials in packs that wait for a worker or are on one. */
  readonly running: number;
}

export const progressQuery = defineQuery<SweepProgress>('progress');
