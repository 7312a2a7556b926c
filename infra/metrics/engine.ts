/** Counts what engines train. */
import type { EngineObserver } from '../worker/observed-engine.ts';
import type { Metrics } from './metrics.ts';

/** Returns the observer that counts epochs as they are trained. */
export const countTraining = (metrics: Pick<Metrics, 'add'>): EngineObserver => ({
  onTrained({ method, engine, flops, rows }) {
    metrics.add('narrows_training_flops_total', { method, engine }, flops);
    metrics.add('narrows_training_rows_total', { method, engine }, rows);
  },
});
