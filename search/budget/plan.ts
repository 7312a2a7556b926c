/** Estimates of how much of a sweep its budget buys. */
import type { Method } from '../../models/methods/catalogue.ts';
import type { TrainingEstimate } from '../estimate.ts';
import type { SweepPlan } from '../plan.ts';
import { cellsOf, trialsPerConfiguration } from '../space.ts';
import type { Budget, SweepSpec } from '../spec.ts';
import { isTrialBudget, shareOf } from './budget.ts';

/** A budget, and about how much of the sweep it buys. */
export interface BudgetPlan {
  readonly budget: Budget;
  readonly methods: readonly {
    readonly method: Method;
    /** Share of the budget, 0 to 1; null where methods share it as they share the trainers. */
    readonly share: number | null;
    /** Trials that the budget is expected to buy. */
    readonly trials: number;
    /** Trials of the plan. */
    readonly planned: number;
  }[];
}

/** Returns what the budget of a sweep buys, and the estimate within it; null without a budget. */
export function planBudget(
  spec: SweepSpec,
  plan: Pick<SweepPlan, 'methods'>,
  estimate: TrainingEstimate,
): { readonly plan: BudgetPlan; readonly estimate: TrainingEstimate } | null {
  const { budget } = spec;
  if (budget === undefined) return null;
  const perConfiguration = trialsPerConfiguration(spec);
  const flops = plan.methods.reduce((sum, one) => sum + one.flops, 0);
  const methods = plan.methods.map(({ method, trials: planned, flops: own }) => {
    const share = 'minutes' in budget ? null : shareOf(spec, method);
    const bought = boughtPart(budget, share ?? 1, (estimate.threadSeconds * own) / (flops || 1), estimate.seconds);
    // Every method and width trains a configuration, whatever the budget.
    const least = cellsOf(spec).filter((cell) => cell.method === method).length * perConfiguration;
    return { method, share, trials: Math.max(least, Math.round(planned * bought)), planned, flops: own * bought };
  });
  const part = methods.reduce((sum, one) => sum + one.flops, 0) / (flops || 1);
  const { seconds, threadSeconds } = estimate;
  return {
    plan: { budget, methods: methods.map(({ flops: _, ...own }) => own) },
    estimate: { ...estimate, seconds: seconds * part, threadSeconds: threadSeconds * part },
  };
}

/** Returns the part of the planned trials of a method that is trained. */
function boughtPart(budget: Budget, share: number, coreSeconds: number, seconds: number): number {
  // The plan has no more trials than are bought.
  if (isTrialBudget(budget)) return 1;
  if ('minutes' in budget) return Math.min(1, (60 * budget.minutes) / seconds);
  return Math.min(1, (budget.coreSeconds * share) / coreSeconds);
}
