/** Counts what an engine trains. */
import type { Engine } from '../../models/engines/engine.ts';
import { observeEngine } from '../worker/observed-engine.ts';
import type { Metrics } from './metrics.ts';

/** Returns the engine, whose epochs are counted as it trains them. */
export const measureEngine = (engine: Engine, metrics: Pick<Metrics, 'add'>): Engine =>
  observeEngine(engine, {
    onTrained({ method, engine, flops, rows }) {
      metrics.add('narrows_training_flops_total', { method, engine }, flops);
      metrics.add('narrows_training_rows_total', { method, engine }, rows);
    },
  });
