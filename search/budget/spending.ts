/** Budgets that are spent while a sweep runs: which points it begins. Pure decisions. */
import { cellName, type Method } from '../../models/methods/catalogue.ts';
import { type CellLimits, trainedPointsByName } from '../limits/limits.ts';
import { epochsPerRung } from '../packing.ts';
import { countEntrants } from '../plan.ts';
import type { PointKey } from '../proposals.ts';
import { cellsOf } from '../space.ts';
import { type ByMethod, partitionCount, type SweepSpec } from '../spec.ts';
import { runningBudget, shareOf } from './budget.ts';

/** Points that a sweep has begun, and what it has spent of its budget. */
export interface Spending {
  /** Revision of the sweep up to which core-seconds are counted. */
  readonly revision: number;
  /** Seconds of one core that the trials of each method have taken. */
  readonly coreSeconds: ByMethod<number>;
  /** The first points of each cell, by its name, which have begun. */
  readonly begun: CellLimits;
  /** Methods whose share is spent. */
  readonly spent: readonly Method[];
}

export const NOTHING_SPENT: Spending = { revision: 0, coreSeconds: {}, begun: {}, spent: [] };

/**
 * Returns the fraction of all training that falls in the first rung of the first partition, in
 * which every point begins, or in all of its rungs where they overlap. Where scores decide how many
 * trials are pruned, none is expected to be.
 */
export function shareOfFirstPart(spec: SweepSpec): number {
  if (spec.halving?.asynchronous) return 1 / partitionCount(spec);
  const entrants = countEntrants(spec);
  const epochs = epochsPerRung(spec).map((own, rung) => own * (entrants[rung] ?? 0));
  return (epochs[0] ?? 0) / epochs.reduce((sum, own) => sum + own, 0) / partitionCount(spec);
}

/** A sweep with a budget that is spent while it runs, as it is now. */
export interface SpendingSweep {
  readonly spec: SweepSpec;
  readonly limits: CellLimits | null;
  readonly spending: Spending;
}

/** Whether nothing is to be decided about these points: each has begun or is left out. */
export function areDecided({ spec, limits, spending }: SpendingSweep, points: readonly PointKey[]): boolean {
  const trained = trainedPointsByName(spec, limits);
  return points.every(({ cell, point }) => point < (spending.begun[cell] ?? 0) || point >= (trained.get(cell) ?? 0));
}

/**
 * Decides which of these points begin. A method whose share is spent begins no further ones,
 * but for the first of each cell: its cells are limited to those that have begun. What these take
 * later, on further partitions and rungs, counts as spent, in proportion. `seconds`: for which the
 * sweep has run.
 */
export function beginPoints(
  { spec, limits, spending }: SpendingSweep,
  seconds: number,
  points: readonly PointKey[],
): { readonly spending: Spending; readonly limits: CellLimits } {
  const isSpent = judgeMethods(spec, spending, seconds);
  const spent = spec.methods.filter((method) => spending.spent.includes(method) || isSpent(method));
  const trained = trainedPointsByName(spec, limits);
  const begun: Record<string, number> = { ...spending.begun };
  const further: Record<string, number> = {};
  for (const cell of cellsOf(spec)) {
    const name = cellName(cell);
    const [own, before] = [trained.get(name) ?? 0, begun[name] ?? 0];
    const limit = spent.includes(cell.method) ? Math.min(own, Math.max(1, before)) : own;
    if (limit < own) further[name] = limit;
    const wanted = points.filter((one) => one.cell === name && one.point < limit);
    begun[name] = wanted.reduce((most, { point }) => Math.max(most, point + 1), before);
  }
  return { spending: { ...spending, begun, spent }, limits: further };
}

/** Returns the function that says whether the share of a method is spent. */
function judgeMethods(spec: SweepSpec, { coreSeconds }: Spending, seconds: number): (method: Method) => boolean {
  const budget = runningBudget(spec);
  if (budget === null) return () => false;
  const first = shareOfFirstPart(spec);
  if ('minutes' in budget) return () => seconds / 60 >= budget.minutes * first;
  return (method) => (coreSeconds[method] ?? 0) >= budget.coreSeconds * shareOf(spec, method) * first;
}

/**
 * Returns about how many seconds a sweep that has run for so many will go on until its budget is
 * spent; Infinity where it has no budget that is spent while it runs, or nothing is known yet.
 */
export function secondsWithinBudget(spec: SweepSpec, { coreSeconds }: Spending, seconds: number): number {
  const budget = runningBudget(spec);
  if (budget === null) return Infinity;
  if ('minutes' in budget) return Math.max(0, 60 * budget.minutes - seconds);
  const parts = spec.methods.map((method) => Math.min(coreSeconds[method] ?? 0, budget.coreSeconds * shareOf(spec, method)));
  const spent = parts.reduce((sum, part) => sum + part, 0);
  return spent === 0 ? Infinity : seconds * (budget.coreSeconds / spent - 1);
}
