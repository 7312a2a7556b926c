/** The configuration of a trial: everything apart from its seed and its data. */
import type { Method } from '../methods/catalogue.ts';
import type { Architecture } from '../networks/architecture.ts';
import type { OptimiserName } from '../networks/network.ts';
import type { ScheduleName } from './schedule.ts';

/** Origin of a trial's first weights: drawn, or taken from the model of an earlier trial. */
export const STARTS = ['scratch', 'warm'] as const;
export type Start = (typeof STARTS)[number];

/** Parameters of a trial. */
export interface TrialConfiguration extends Architecture {
  readonly method: Method;
  readonly optimiser: OptimiserName;
  readonly weightDecay: number;
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly epochs: number;
  /** Rows of a mini-batch. */
  readonly batch: number;
  /** Epochs without a better validation score before training stops; 0 = never stop early. */
  readonly patience: number;
  /** Starts of which the best continues, see restarts.ts; without it: one. */
  readonly restarts?: number;
  /** Without it: from scratch. */
  readonly start?: 'warm';
  /** Id of the trial whose model a warm start begins from. */
  readonly warm?: string;
}

/** Share of the epochs that each of several starts is trained for. */
const RESTART_SHARE = 0.05;

/** Returns the epochs of each of several starts, under a schedule of their own. */
export const restartEpochs = (epochs: number): number => Math.max(1, Math.round(RESTART_SHARE * epochs));

/** Returns the epochs of all starts, before the first epoch of the training; 0 for a single one. */
export const epochsOfRestarts = ({ restarts = 1, epochs }: Pick<TrialConfiguration, 'restarts' | 'epochs'>): number =>
  restarts > 1 ? restarts * restartEpochs(epochs) : 0;
