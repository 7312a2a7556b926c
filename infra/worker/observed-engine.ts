/** Observes what an engine trains. */
import type { Engine, Pack } from '../../models/engines/engine.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { epochFlops } from '../../models/methods/cost.ts';
import { checkpointEpoch } from '../../models/training/checkpoint.ts';
import type { TrialTask } from '../../models/training/task.ts';

/** Epochs of one trial that have just been trained. */
export interface TrainedEpochs {
  readonly method: Method;
  readonly engine: string;
  /** Training rows times epochs. */
  readonly rows: number;
  /** Floating-point operations. */
  readonly flops: number;
}

export interface EngineObserver {
  onTrained(epochs: TrainedEpochs): void;
  /** Called when a pack begins, and with `false` when it has ended. */
  onPack?(isBeginning: boolean): void;
}

/** Returns the engine, whose epochs are reported to the observers as it trains them. */
export const observeEngine = (engine: Engine, observers: readonly EngineObserver[]): Engine => ({
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
  async train(pack, hooks) {
    const trained = createEpochCounter(engine, pack, observers);
    for (const observer of observers) observer.onPack?.(true);
    try {
      return await engine.train(pack, {
        ...hooks,
        onProgress(progress) {
          trained(progress.trialId, progress.epoch);
          hooks.onProgress(progress);
        },
        onReport(report) {
          trained(report.trialId, report.epochs);
          hooks.onReport(report);
        },
      });
    } finally {
      for (const observer of observers) observer.onPack?.(false);
    }
  },
  close: () => engine.close(),
});

/** Returns a function that reports the epochs of a trial since its last call. */
function createEpochCounter(engine: Engine, { data, tasks }: Pack, observers: readonly EngineObserver[]) {
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
    const trained = { method: trial.method, engine: engine.name, rows: epochs * trainRows, flops: epochs * trial.flops };
    for (const { onTrained } of observers) onTrained(trained);
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
