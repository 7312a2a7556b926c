/** What a trial is, apart from its seed and its data. */
import type { Method } from '../methods/catalogue.ts';
import type { Architecture } from '../networks/architecture.ts';
import type { OptimiserName } from '../networks/network.ts';
import type { ScheduleName } from './schedule.ts';

/** Where a trial's weights come from: drawn, or carried over from an earlier trial's model. */
export const STARTS = ['scratch', 'warm'] as const;
export type Start = (typeof STARTS)[number];

/** Everything that shapes a trial apart from its seed and its data. */
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
  /** Left out: from scratch. */
  readonly start?: 'warm';
  /** Of a warm start: id of the trial whose model it starts from. */
  readonly warm?: string;
}
