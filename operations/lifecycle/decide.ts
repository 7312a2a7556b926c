/** The choice between sweeps that can be removed and those that something needs. */
import type { SweepUse } from '../../db/queries/lifecycle/sweep-uses.ts';

export interface Decision {
  readonly removed: ReadonlySet<string>;
  /** Uses of each sweep that is kept, by its id. */
  readonly kept: ReadonlyMap<string, readonly SweepUse[]>;
}

/**
 * Decides which sweeps can go: a use by another sweep counts only while that one stays. The order
 * of the ids does not matter.
 */
export function decideRemovals(ids: readonly string[], uses: readonly SweepUse[]): Decision {
  const removed = new Set(ids);
  const kept = new Map<string, readonly SweepUse[]>();
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const id of removed) {
      const needing = uses.filter(({ sweepId, by }) => sweepId === id && !(by !== null && removed.has(by)));
      if (needing.length === 0) continue;
      removed.delete(id);
      kept.set(id, needing);
      isStable = false;
    }
  }
  return { removed, kept };
}

const REASONS: Readonly<Record<SweepUse['kind'], (name: string) => string>> = {
  champion: (name) => `the retraining ${name} has or had champions of it`,
  'warm-start': (name) => `trials of ${name} start from its models`,
  extension: (name) => `${name} extends it, and has not ended`,
  retraining: (name) => `the retraining ${name} works with it`,
};

/** "the retraining water has or had champions of it, trials of near start from its models". */
export const describeUses = (uses: readonly SweepUse[]): string => uses.map(({ kind, name }) => REASONS[kind](name)).join(', ');
