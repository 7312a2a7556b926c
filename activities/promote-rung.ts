import type { Method } from '../models/methods/catalogue.ts';
import { mostEpochs, pointOfTrial } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import { decideReached } from '../search/stopping/asynchronous.ts';
import type { Decision } from '../search/stopping/rung.ts';
import { ruleOf, rungEnds, stoppingOf } from '../search/stopping/table.ts';
import type { SweepStore } from './ports.ts';

/**
 * Promotes or prunes the undecided trials of this rung. Returns the number that enter the next, by
 * group of methods where there are some.
 */
export async function promoteRung(
  store: SweepStore,
  { sweepId, rung, groups }: { sweepId: string; rung: number; groups?: readonly (readonly Method[])[] },
): Promise<number | number[]> {
  const { spec } = await store.sweep(sweepId);
  const decision = await decide(store, { sweepId, spec, rung });
  if (decision) await store.decideRung(sweepId, rung, decision);
  if (groups === undefined) return store.survivorCount(sweepId, rung + 1);
  return Promise.all(groups.map((methods) => store.survivorCount(sweepId, rung + 1, methods)));
}

/** Decides by the rule of the sweep; null without one. */
async function decide(
  store: SweepStore,
  { sweepId, spec, rung }: { readonly sweepId: string; readonly spec: SweepSpec; readonly rung: number },
): Promise<Decision | null> {
  const stopping = stoppingOf(spec);
  if (stopping === null) return null;
  const rule = ruleOf(stopping);
  const epochs = mostEpochs(spec);
  const context = { rung, epochs, pointOf: pointOfTrial(spec) };
  if (rule.reads === 'scores') return rule.decide(stopping, await store.scoresAtRung(sweepId, rung), context);
  const until = rungEnds(spec, epochs)[rung] as number;
  return rule.decide(stopping, await store.curvesAtRung(sweepId, rung, until), context);
}

/**
 * Promotes the best of those trials of these methods (absent: of all) that have reached this rung
 * so far; once the rung is complete, prunes the others. Returns the number that have been promoted
 * past it in all.
 */
export async function promoteReached(
  store: SweepStore,
  { sweepId, rung, methods, isComplete }: { sweepId: string; rung: number; methods?: readonly Method[]; isComplete: boolean },
): Promise<number> {
  const { spec } = await store.sweep(sweepId);
  if (spec.halving) {
    // Later rungs are entered by rows that exist.
    const seeds = rung === 0 ? spec.seeds.length : 1;
    const context = { rung, seeds, isComplete, pointOf: pointOfTrial(spec) };
    const decision = decideReached(spec.halving, await store.entrants(sweepId, rung, methods), context);
    await store.decideRung(sweepId, rung, decision, 'one after another');
  }
  return store.survivorCount(sweepId, rung + 1, methods);
}
