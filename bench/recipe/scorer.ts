/** Trains configurations on a division of a set and scores them. */
import type { SplitRows } from '../../models/axes.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { fitScaling, standardize } from '../../models/standardisation.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { PackData } from '../../models/training/task.ts';
import type { RecipeSet } from './sets.ts';

/** Covered variances; -1 where the training diverged. */
export interface Score {
  readonly validation: number;
  readonly test: number;
}

export type Scorer = (
  tasks: readonly { readonly configuration: TrialConfiguration; readonly seed: number }[],
) => Promise<readonly Score[]>;

/** Returns a division of the set, standardised by its training rows. */
export function createPackData({ x, y }: RecipeSet, rows: SplitRows): PackData {
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: 'centre' });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
}

/** Hooks of a training that nobody watches. */
export const UNWATCHED = {
  ...{ signal: new AbortController().signal, onReport: () => {}, onProgress: () => {}, onCheckpoint: () => {} },
  checkpointSeconds: 3600,
};

/** Returns a scorer of a division of the set. */
export function createScorer(set: RecipeSet, rows: SplitRows, engine: Engine): Scorer {
  const data = createPackData(set, rows);
  return async (tasks) => {
    const reports = await engine.train(
      {
        data,
        tasks: tasks.map(({ configuration, seed }, i) => {
          return { trialId: String(i), configuration, seed, untilEpoch: configuration.epochs, checkpoint: null, initial: null };
        }),
      },
      UNWATCHED,
    );
    return reports.map((report, i) => {
      const of = (split: 'validation' | 'test') =>
        report.outcome === 'completed'
          ? (report.scores.find((one) => one.split === split && one.k === tasks[i]?.configuration.k)?.coveredVariance ?? -1)
          : -1;
      return { validation: of('validation'), test: of('test') };
    });
  };
}
