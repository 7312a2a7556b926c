/** Replays of rules that stop trials early, on curves that were trained to the end. */
import { type RuleSpec, ruleOf } from '../../search/stopping/table.ts';

export interface Replay {
  /** Epochs that were trained, as a share of those of all configurations. */
  readonly share: number;
  /** Best score of all configurations, minus the best of those that were trained to the end. */
  readonly regret: number;
}

/** Returns the best score of these curves. */
export const bestOf = (curves: readonly (readonly number[])[]): number => Math.max(...curves.flat());

/** Replays a rule on the configurations of one cell, each of one seed, numbered by their order. */
export function replay(curves: readonly (readonly number[])[], stopping: RuleSpec, epochs: number): Replay {
  const rule = ruleOf(stopping);
  const ends = rule.rungEpochs(stopping, epochs);
  let alive = curves.map((_, index) => index);
  let trained = 0;
  for (const [rung, end] of ends.entries()) {
    trained += alive.length * (end - (ends[rung - 1] ?? 0));
    if (end === epochs) break;
    const context = { rung, epochs, pointOf: (index: number) => index };
    const reached = alive.map((index) => {
      const curve = (curves[index] as readonly number[]).slice(0, end);
      const trial = { index, cell: 'cell', partition: 0, configurationHash: `hash ${index}`, decided: null };
      return { ...trial, curve, validation: Math.max(...curve) };
    });
    alive = [...rule.decide(stopping, reached, context).promoted];
  }
  const regret = bestOf(curves) - bestOf(alive.map((index) => curves[index] as readonly number[]));
  return { share: trained / (curves.length * epochs), regret };
}

/** The rules that are compared, at their defaults where they have some. */
export const COMPARED_RULES = {
  halving: { kind: 'halving', reduction: 3, rungs: 3 },
  'halving, 2 rungs': { kind: 'halving', reduction: 3, rungs: 2 },
  hyperband: { kind: 'halving', reduction: 3, rungs: 3, brackets: 3 },
  median: { kind: 'median', rungs: 4 },
  extrapolate: { kind: 'extrapolate', rungs: 4, deviations: 3 },
} as const satisfies Readonly<Record<string, RuleSpec>>;
