import type { Method } from '../models/methods/catalogue.ts';
import { FIXED_WINDOW } from './activity-options.ts';
import { type Identified, withIdentity } from './identity.ts';
import { ANY_OF_DEFAULT_CLASS, type PackTrainers } from './task-queues.ts';

/** Whole resumable state of a sweep, of a size that does not depend on the trials. */
export interface SweepInput {
  readonly sweepId: string;
  /** Trials of the space. */
  readonly planned: number;
  /** Trials per pack, by rung; one entry where no trial is stopped early. */
  readonly packSizes: readonly number[];
  /** Packs that may be scheduled at a time; absent in histories from before it was variable. */
  readonly window?: number;
  /** Silence of a trainer after which its packs are trained by others; absent: the shortest. */
  readonly heartbeatTimeoutMs?: number | undefined;
  /** Where packs go, instead of these two; absent: all to trainers of the default class. */
  readonly routes?: readonly PackRoute[];
  /** Whether trials are promoted while others have yet to reach their rung: rungs overlap. */
  readonly asynchronous?: true;
  /** Whether cells are trained in steps, each chosen by the scores of those before; absent: all. */
  readonly searchesWidths?: true;
  /** Where to resume; absent at the start. */
  readonly place?: SweepCursor;
}

/** Trainers that train some of the methods of a sweep, and the packs that it schedules for them. */
export interface PackRoute extends PackTrainers {
  /** Absent: all. */
  readonly methods?: readonly Method[];
  /** Trials of the space that are of these methods. */
  readonly planned: number;
  /** Packs that may be scheduled at a time. */
  readonly window: number;
}

/** Returns the routes of a sweep; at least one. */
export const packRoutes = ({ routes, planned, window = FIXED_WINDOW, heartbeatTimeoutMs }: SweepInput): readonly PackRoute[] =>
  routes ?? [{ ...ANY_OF_DEFAULT_CLASS, planned, window, heartbeatTimeoutMs }];

/** Position among the trials of a route that entered a rung. */
export interface RouteCursor {
  /** Trials that entered this rung. */
  readonly entrants: number;
  /** First of them, by place, that has not been scheduled. */
  readonly next: number;
}

/** Position of a route whose rungs overlap. */
export interface RouteRungs {
  /** Number of rungs whose promotions are final; those and the one after have all entrants. */
  readonly decided: number;
  /** Position in each rung; entrants are those so far. */
  readonly rungs: readonly RouteCursor[];
}

export interface SweepCursor extends RouteCursor {
  /** 'train': the plan; 'retry': the failed trials again; 'close': the comparison. */
  readonly stage: 'train' | 'retry' | 'close';
  /** Rung under way, 0-based; where rungs overlap, the lowest. */
  readonly rung: number;
  /** Cells of the step under way; absent: all. */
  readonly cells?: readonly string[] | undefined;
  /** Position of each route, where there are several; absent: at the start of the first rung. */
  readonly byRoute?: readonly RouteCursor[];
  /** Position of each route, where rungs overlap; absent there: at the start. */
  readonly rungsByRoute?: readonly RouteRungs[];
  readonly paused: boolean;
  readonly retryRequested: boolean;
}

export function initialCursor(stage: SweepCursor['stage'], planned: number): SweepCursor {
  return { stage, rung: 0, entrants: planned, next: 0, paused: false, retryRequested: false };
}

/** Returns the workflow id of a sweep; retries are further runs under the same id. */
export const sweepWorkflowId = (sweep: { readonly id: string } & Identified): string => withIdentity(`sweep-${sweep.id}`, sweep);

/**
 * Returns the input for another run of a sweep that ended, to be sent with `retryFailedSignal`.
 * `failedOnly` skips to the failed trials; otherwise those that never ran (the rest of a cancelled
 * sweep) are trained first.
 */
export function retryInput(input: SweepInput, failedOnly: boolean): SweepInput {
  const { planned } = input;
  return { ...input, ...(failedOnly && { place: initialCursor('close', planned) }) };
}
