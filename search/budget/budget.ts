/** Budgets: what a sweep may spend, and the share of it that each method has. */
import { type Cell, cellName, type Method } from '../../models/methods/catalogue.ts';
import { type SpecFault, specFault, suggestNearest } from '../fault.ts';
import { isAdaptive } from '../samplers/table.ts';
import { cellsOf, trialsPerConfiguration, type WithCells } from '../space.ts';
import type { Budget, StatedSpec, SweepSpec } from '../spec.ts';

/** The part of a spec that shares follow from. */
type Shared = Pick<SweepSpec, 'methods' | 'budget'>;

/** Returns the share of the budget that a method has, 0 to 1; all methods together have 1. */
export function shareOf({ methods, budget }: Shared, method: Method): number {
  const shares: Partial<Record<Method, number>> = (budget && 'shares' in budget && budget.shares) || {};
  const weightOf = (one: Method): number => shares[one] ?? 1;
  return weightOf(method) / methods.reduce((sum, one) => sum + weightOf(one), 0);
}

/** A budget of trials, which says how many each cell trains. */
export type TrialBudget = Extract<Budget, { readonly trials: number }>;
/** A budget that is spent while the sweep runs. */
export type RunningBudget = Exclude<Budget, TrialBudget>;

export const isTrialBudget = (budget: Budget): budget is TrialBudget => 'trials' in budget;

/** Returns the budget of a sweep that is spent while it runs; null: it has none. */
export const runningBudget = ({ budget }: Pick<SweepSpec, 'budget'>): RunningBudget | null =>
  budget === undefined || isTrialBudget(budget) ? null : budget;

/** The part of a spec that the points which a budget buys follow from. */
type Budgeted = WithCells & Pick<SweepSpec, 'budget' | 'seeds' | 'split'>;

/** Allows for the rounding of shares, far below one point. */
const ROUNDING = 1e-9;

/**
 * Returns the points that a budget of trials buys for each cell, in the order of cellsOf: the share
 * of a method is divided evenly among its cells, and pays for whole points, with all seeds and
 * partitions. Null: the sweep has no such budget.
 */
export function boughtPoints(spec: Budgeted): number[] | null {
  const { budget } = spec;
  if (budget === undefined || !isTrialBudget(budget)) return null;
  const cells = cellsOf(spec);
  const perPoint = trialsPerConfiguration(spec);
  return cells.map(({ method }) => {
    const own = cells.filter((cell) => cell.method === method).length;
    return Math.floor((budget.trials * shareOf(spec, method)) / (own * perPoint) + ROUNDING);
  });
}

/** Returns the spec with a sampler of as many points as the budget buys for any cell. */
export function withBoughtTrials<Spec extends Budgeted & Pick<StatedSpec, 'sampler'>>(spec: Spec): Spec {
  const bought = boughtPoints(spec);
  if (bought === null || !('trials' in spec.sampler)) return spec;
  return { ...spec, sampler: { ...spec.sampler, trials: Math.max(...bought) * bought.length * spec.seeds.length } };
}

/** Yields what of a budget the sweep cannot spend. */
export function* checkBudget(spec: SweepSpec): Generator<SpecFault> {
  const { budget, sampler, methods } = spec;
  if (budget === undefined) return;
  for (const method of Object.keys(('shares' in budget && budget.shares) || {})) {
    if (!methods.includes(method as Method))
      yield specFault(`budget.shares.${method}`, `the sweep has no method "${method}"`, suggestNearest(method, methods));
  }
  if (sampler.kind === 'grid') {
    const message = 'a grid that is not trained to its end covers a corner of the space alone';
    yield specFault('budget', message, 'use a sampler whose trials fill the space in any number, e.g. sobol or random');
  } else if (isTrialBudget(budget)) yield* checkBought(spec, budget);
}

/** Yields cells for which a budget buys too little. */
function* checkBought(spec: SweepSpec, { trials }: TrialBudget): Generator<SpecFault> {
  const { sampler, methods } = spec;
  if (!('trials' in sampler)) {
    yield specFault('budget.trials', `a ${sampler.kind} trains all of its points`, 'list fewer points, or leave it out');
    return;
  }
  const cells = cellsOf(spec);
  const perPoint = trialsPerConfiguration(spec);
  // A sampler that learns has to have something to learn from.
  const fewest = isAdaptive(sampler) ? sampler.startup + 1 : 1;
  const bought = boughtPoints(spec) ?? [];
  const least = Math.min(...bought);
  if (least >= fewest) return;
  const cell = cells[bought.indexOf(least)] as Cell;
  const needed = methods.map((method) => {
    const own = cells.filter((one) => one.method === method).length;
    return Math.ceil((own * perPoint * fewest) / shareOf(spec, method) - ROUNDING);
  });
  const buys = `a budget of ${trials} buys ${least === 0 ? 'no' : least} configuration${least > 1 ? 's' : ''} of ${cellName(cell)}`;
  const price = `${perPoint} trial${perPoint > 1 ? 's' : ''} each`;
  const wanted = fewest === 1 ? '' : `, and the ${sampler.kind} sampler needs its ${fewest - 1} random ones and one more`;
  const message = `${buys}, at ${price}${wanted}`;
  yield specFault('budget.trials', message, `use at least ${Math.max(...needed)}, or other shares`);
}
