/** Trials that wait because no trainer of their class and engine is at work. */
import type { Method } from '../../models/methods/catalogue.ts';
import { type Route, type TrainerGroup, unservedRoutes } from '../../search/routes.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { describeMissingTrainer } from '../../text/trainers.ts';

export interface WaitingTrials extends Route {
  readonly trials: number;
  /** Why they wait, and what helps. */
  readonly reason: string;
}

/** Returns the trials of each route without trainers, of those that are still to be trained. */
export function findWaiting(
  spec: SweepSpec,
  pending: readonly { readonly method: Method; readonly trials: number }[],
  trainers: readonly TrainerGroup[],
): WaitingTrials[] {
  return unservedRoutes(spec, trainers).flatMap((route) => {
    const own = pending.filter(({ method }) => route.methods.includes(method));
    const trials = own.reduce((sum, one) => sum + one.trials, 0);
    return trials === 0 ? [] : [{ ...route, trials, reason: describeMissingTrainer(route, trainers) }];
  });
}
