import type { Method } from '../models/methods/catalogue.ts';
import { FIXED_WINDOW } from './activity-options.ts';
import { type Identified, withIdentity } from './identity.ts';
import { ANY_OF_DEFAULT_CLASS, type PackTrainers } from './task-queues.ts';

/** Whole resumable state of a sweep, of a size that does not depend on the trials. */
export interface SweepInput {
  readonly sweepId: string;
  /** Trials of the space. */
  readonly planned: number;
  /** Trials per pack, by rung; as many entries as there are rungs, one without halving. */
  readonly packSizes: readonly number[];
  /** Packs that may be scheduled at a time; absent in histories from before it was variable. */
  readonly window?: number;
  /** Silence of a trainer after which its packs are trained by others; absent: the shortest. */
  readonly heartbeatTimeoutMs?: number | undefined;
  /** Where packs go, instead of these two; absent: all to trainers of the default class. */
  readonly routes?: readonly PackRoute[];
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

export interface SweepCursor extends RouteCursor {
  /** 'train': the plan; 'retry': the failed trials again; 'close': the comparison. */
  readonly stage: 'train' | 'retry' | 'close';
  /** Rung under way, 0-based. */
  readonly rung: number;
  /** Cells of the step under way; absent: all. */
  readonly cells?: readonly string[] | undefined;
  /** Position of each route, where there are several; absent: at the start of the first rung. */
  readonly byRoute?: readonly RouteCursor[];
  readonly paused: boolean;
  readonly retryRequested: boolean;
}

/** Returns where each route resumes. */
export function routeCursors({ place, searchesWidths }: SweepInput, routes: readonly PackRoute[]): readonly RouteCursor[] {
  if (place?.byRoute) return place.byRoute;
  if (place && routes.length === 1) return [{ entrants: place.entrants, next: place.next }];
  // The first step has not been chosen.
  return routes.map(({ planned }) => ({ entrants: searchesWidths ? 0 : planned, next: 0 }));
}

/** Returns the position of a sweep by those of its routes. */
export function joinCursors(routes: readonly RouteCursor[]): Pick<SweepCursor, 'entrants' | 'next' | 'byRoute'> {
  const sumOf = (key: keyof RouteCursor) => routes.reduce((sum, route) => sum + route[key], 0);
  return { entrants: sumOf('entrants'), next: sumOf('next'), ...(routes.length > 1 && { byRoute: routes }) };
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
