/** What a training is given: a trial and standardised data. */
import type { SplitRows } from '../axes.ts';
import type { TrainingData } from '../networks/network.ts';
import type { Scaling } from '../scaling.ts';
import type { TrialConfiguration } from './configuration.ts';

/** One trial to train, from its start or from a checkpoint, up to an epoch. */
export interface TrialTask {
  readonly trialId: string;
  readonly configuration: TrialConfiguration;
  readonly seed: number;
  /** Epoch at which this rung ends; equal to configuration.epochs on the last rung. */
  readonly untilEpoch: number;
  readonly checkpoint: Uint8Array | null;
  /** Of a configuration that starts warm: the model in the format of model-file.ts, which a trial that is resumed is given as well. */
  readonly initial: Uint8Array | null;
}

/** The data of a pack: standardised, with the split and the scaling that turns it back into physical units. */
export interface PackData extends TrainingData {
  readonly rows: SplitRows;
  readonly scaling: Scaling;
}
