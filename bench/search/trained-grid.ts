/** Grids whose configurations were all trained to the end, with what a replay needs of each. */
import { z } from 'zod';
import type { Engine } from '../../models/engines/engine.ts';
import { type Cell, cellName } from '../../models/methods/catalogue.ts';
import { epochsOfRestarts } from '../../models/training/configuration.ts';
import type { TrialReport } from '../../models/training/report.ts';
import type { PackData, TrialTask } from '../../models/training/task.ts';
import type { Trial } from '../../search/space.ts';
import { UNWATCHED } from '../recipe/scorer.ts';
import { openLineStore } from './line-store.ts';

const trainedConfiguration = z.object({
  set: z.string(),
  trainRows: z.number(),
  cell: z.string(),
  /** Hash of the configuration. */
  hash: z.string(),
  /** Validation score after each epoch: of ECA that of the emulator; shorter where it diverged. */
  curve: z.array(z.number()),
  /** Validation scores of the ended trial, by width or rank; empty where it diverged. */
  scores: z.array(z.object({ k: z.number(), score: z.number() })),
  /** Seconds of an epoch; starts that are compared before the first are epochs too. */
  epochSeconds: z.number(),
  /** Seconds after the last epoch: the search for components, and the scores. */
  endSeconds: z.number(),
});
export type TrainedConfiguration = z.infer<typeof trainedConfiguration>;

type ConfigurationKey = Pick<TrainedConfiguration, 'set' | 'trainRows' | 'cell' | 'hash'>;

/** Configurations that an interruption loses at most. */
const CALL = 8;

const keyOf = ({ set, trainRows, cell, hash }: ConfigurationKey): string => `${set} ${trainRows} ${cell} ${hash}`;

/** Opens a store of trained configurations, in a file. */
export function createGridStore(file: string) {
  const { find, add } = openLineStore<TrainedConfiguration>(file, keyOf, (line) => trainedConfiguration.parse(line));
  return { find: (key: ConfigurationKey) => find(keyOf(key)), add };
}
export type GridStore = ReturnType<typeof createGridStore>;

/** The configurations of a cell, and the data that they are trained on. */
export interface Grid {
  readonly set: string;
  readonly cell: Cell;
  readonly data: PackData;
  readonly trials: readonly Trial[];
}

/** Returns the trained configurations of a grid in its order; trains what the store lacks. */
export async function trainGrid(
  store: GridStore,
  engine: Engine,
  { set, cell, data, trials }: Grid,
): Promise<TrainedConfiguration[]> {
  const describeKey = ({ configurationHash: hash }: Trial): ConfigurationKey => {
    return { set, trainRows: data.rows.train.length, cell: cellName(cell), hash };
  };
  const missing = trials.filter((trial) => !store.find(describeKey(trial)));
  for (let at = 0; at < missing.length; at += CALL) {
    const part = missing.slice(at, at + CALL);
    const reports = await trainInTwo(engine, data, part);
    store.add(part.map((trial, i) => ({ ...describeKey(trial), ...describe(trial, reports[i] as TwoReports) })));
    console.error(`${set}, ${cellName(cell)}: ${at + part.length} of ${missing.length}`);
  }
  return trials.map((trial) => store.find(describeKey(trial)) as TrainedConfiguration);
}

interface TwoReports {
  /** Up to the last epoch but one. */
  readonly begun: TrialReport;
  /** The rest; null where it did not get so far. */
  readonly ended: TrialReport | null;
}

/** Trains in two rungs, the last of one epoch, so that the time after the last epoch is known. */
async function trainInTwo(engine: Engine, data: PackData, trials: readonly Trial[]): Promise<TwoReports[]> {
  const tasks = trials.map(({ configuration, seed, index }): TrialTask => {
    const untilEpoch = configuration.epochs - 1;
    return { trialId: String(index), configuration, seed, untilEpoch, checkpoint: null, initial: null };
  });
  const begun = await engine.train({ data, tasks }, UNWATCHED);
  const rest = tasks.flatMap((task, i) => {
    const report = begun[i] as TrialReport;
    if (report.outcome !== 'rung') return [];
    return [{ ...task, untilEpoch: task.configuration.epochs, checkpoint: report.checkpoint }];
  });
  const ended = new Map((await engine.train({ data, tasks: rest }, UNWATCHED)).map((report) => [report.trialId, report]));
  return begun.map((report) => ({ begun: report, ended: ended.get(report.trialId) ?? null }));
}

function describe({ configuration }: Trial, { begun, ended }: TwoReports) {
  const last = ended ?? begun;
  if (last.outcome === 'failed') throw new Error(`a trial failed: ${last.message}`);
  const epochSeconds = begun.seconds / Math.max(1, epochsOfRestarts(configuration) + begun.epochs);
  const validation = last.outcome === 'completed' ? last.scores.filter(({ split }) => split === 'validation') : [];
  return {
    curve: [...last.curve.validation],
    scores: validation.map(({ k, coveredVariance: score }) => ({ k, score })),
    epochSeconds,
    endSeconds: ended ? Math.max(0, ended.seconds - epochSeconds) : 0,
  };
}
