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
  /** Momentum of sgd, 0 to below 1; without it: the default. */
  readonly momentum?: number;
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** Share of the steps before the peak of one-cycle; without it: the default. */
  readonly warmUp?: number;
  /**
   * The loss weighs the squared error of a target by this power of its standard deviation, -2 to 2;
   * without it: the default, as covered variance does.
   */
  readonly targetWeighting?: number;
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

/** Values that a configuration leaves out: those of trials from before they could be chosen. */
export const DEFAULTS = { momentum: 0.9, warmUp: 0.2, targetWeighting: 0 } as const satisfies Partial<TrialConfiguration>;

/** Returns parameters without those that have their default, which mean the same. */
export const withoutDefaults = <T extends Partial<Record<keyof typeof DEFAULTS, unknown>>>(parameters: T): T =>
  Object.fromEntries(
    Object.entries(parameters).filter(
      ([name, value]) => !(name in DEFAULTS) || value !== DEFAULTS[name as keyof typeof DEFAULTS],
    ),
  ) as T;

/** Share of the epochs that each of several starts is trained for. */
const RESTART_SHARE = 0.05;

/** Returns the epochs of each of several starts, under a schedule of their own. */
export const restartEpochs = (epochs: number): number => Math.max(1, Math.round(RESTART_SHARE * epochs));

/** Returns the epochs of all starts, before the first epoch of the training; 0 for a single one. */
export const epochsOfRestarts = ({ restarts = 1, epochs }: Pick<TrialConfiguration, 'restarts' | 'epochs'>): number =>
  restarts > 1 ? restarts * restartEpochs(epochs) : 0;
