/** Counts the trials that the storage of sweeps ends. */
import type { SweepStore } from '../../activities/ports.ts';
import type { EndedTrial } from '../../db/queries/trials/trials.ts';
import { METHODS } from '../../models/methods/catalogue.ts';
import { ENDINGS } from '../../search/states.ts';
import { ENGINES } from '../../search/trainer-classes.ts';
import type { Metrics } from './metrics.ts';

/**
 * Returns the store. Trials are counted once their transaction has committed; a repeated delivery,
 * which changes no row, counts nothing.
 */
export const measureStore = <Store extends Pick<SweepStore, 'decideRung' | 'recordReports'>>(
  store: Store,
  metrics: Pick<Metrics, 'add' | 'observe'>,
): Store => {
  const count = (ended: readonly EndedTrial[]): readonly EndedTrial[] => {
    for (const { outcome, method, engine } of ended) metrics.add('narrows_trials_total', { outcome, method, engine }, 1);
    return ended;
  };
  // An increase is seen from a value before it.
  for (const outcome of ENDINGS)
    for (const method of METHODS)
      for (const engine of ENGINES) metrics.add('narrows_trials_total', { outcome, method, engine }, 0);
  return {
    ...store,
    decideRung: async (...decision: Parameters<SweepStore['decideRung']>) => count(await store.decideRung(...decision)),
    async recordReports(...reports: Parameters<SweepStore['recordReports']>) {
      const from = performance.now();
      const ended = await store.recordReports(...reports);
      metrics.observe('narrows_report_write_seconds', {}, (performance.now() - from) / 1000);
      return count(ended);
    },
  };
};
