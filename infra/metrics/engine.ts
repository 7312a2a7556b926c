/** Counts what an engine trains. */
import type { Engine, Pack } from '../../models/engines/engine.ts';
import { epochFlops } from '../../models/methods/cost.ts';
import { checkpointEpoch } from '../../models/training/checkpoint.ts';
import type { TrialTask } from '../../models/training/task.ts';
import type { Metrics } from './metrics.ts';

/** Returns the engine, whose epochs are counted as it trains them. */
export const measureEngine = (engine: Engine, metrics: Pick<Metrics, 'add'>): Engine => ({
  // They may change with the first pack.
  get name() {
    return engine.name;
  },
  get build() {
    return engine.build;
  },
  get threads() {
    return engine.threads;
  },
  train(pack, hooks) {
    const counted = countEpochs(engine, pack, metrics);
    return engine.train(pack, {
      ...hooks,
      onProgress(progress) {
        counted(progress.trialId, progress.epoch);
        hooks.onProgress(progress);
      },
      onReport(report) {
        counted(report.trialId, report.epochs);
        hooks.onReport(report);
      },
    });
  },
  close: () => engine.close(),
});

/** Returns a function that counts the epochs of a trial since its last call. */
function countEpochs(engine: Engine, { data, tasks }: Pack, metrics: Pick<Metrics, 'add'>) {
  const trainRows = data.rows.train.length;
  const size = { trainRows, descriptors: data.x.columns, energies: data.y.columns };
  const trials = new Map(
    tasks.map((task) => {
      const { method } = task.configuration;
      const flops = epochFlops(task.configuration, size);
      return [task.trialId, { method, flops, epoch: firstEpoch(task) }];
    }),
  );
  return (trialId: string, epoch: number): void => {
    const trial = trials.get(trialId);
    if (!trial) return;
    const epochs = epoch - (trial.epoch ?? epoch);
    trial.epoch = Math.max(trial.epoch ?? 0, epoch);
    if (epochs <= 0) return;
    const labels = { method: trial.method, engine: engine.name };
    metrics.add('narrows_training_flops_total', labels, epochs * trial.flops);
    metrics.add('narrows_training_rows_total', labels, epochs * trainRows);
  };
}

/** Returns the epoch from which a trial is trained; null where only its engine knows it. */
function firstEpoch({ checkpoint }: TrialTask): number | null {
  if (checkpoint === null) return 0;
  try {
    return checkpointEpoch(checkpoint);
  } catch {
    return null;
  }
}
