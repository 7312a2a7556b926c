/** The input of a training: a trial and standardised data. */
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
  /** The model file that a warm start begins from; resumed trials receive it too. */
  readonly initial: Uint8Array | null;
}

/** The standardised data of a pack, with their split and scaling. */
export interface PackData extends TrainingData {
  readonly rows: SplitRows;
  readonly scaling: Scaling;
}
