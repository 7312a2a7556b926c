/** Places where the work of a worker passes its metrics. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { SweepStore } from '../../activities/ports.ts';
import type { EngineObserver } from '../worker/observed-engine.ts';
import { measureActivities } from './activities.ts';
import { countTraining } from './engine.ts';
import { processMeasures } from './measures.ts';
import type { Metrics } from './metrics.ts';
import { measureStore } from './store.ts';

export interface WorkerMeasures {
  readonly engine: readonly EngineObserver[];
  readonly store: (store: SweepStore) => SweepStore;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly onResult?: (seconds: number) => void;
  readonly onBoxEnd?: (outcome: string) => void;
}

/** Measures nothing: work passes as it is. */
export const UNMEASURED: WorkerMeasures = { engine: [], store: (store) => store, interceptors: [] };

export const measuresOf = (metrics: Metrics): WorkerMeasures => ({
  engine: [countTraining(metrics)],
  store: (store) => measureStore(store, metrics),
  interceptors: [measureActivities(metrics)],
  ...processMeasures(metrics),
});
