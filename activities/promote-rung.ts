import { cellName, METHODS, type Method } from '../models/methods/catalogue.ts';
import { unfinishedCells } from '../search/limits/limits.ts';
import { cellsOf, mostEpochs, pointOfTrial } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import { decideReached } from '../search/stopping/asynchronous.ts';
import type { Decision } from '../search/stopping/rung.ts';
import { ruleOf, rungEnds, stoppingOf } from '../search/stopping/table.ts';
import type { SweepStore } from './ports.ts';

interface RungAt {
  readonly sweepId: string;
  readonly rung: number;
  /**
   * False: failed trials alone are trained again. Where others have not begun, as in a sweep that
   * was cancelled, nothing is decided without them.
   */
  readonly goesOn?: boolean;
}

/**
 * Promotes or prunes the undecided trials of this rung. Returns the number that enter the next, by
 * group of methods where there are some.
 */
export async function promoteRung(
  store: SweepStore,
  { sweepId, rung, groups, goesOn = true }: RungAt & { readonly groups?: readonly (readonly Method[])[] },
): Promise<number | number[]> {
  const { spec } = await store.sweep(sweepId);
  const isDecided = goesOn || (await haveBegun(store, sweepId, spec, METHODS));
  const decision = isDecided ? await decide(store, { sweepId, spec, rung }) : null;
  if (decision) await store.decideRung(sweepId, rung, decision);
  if (groups === undefined) return store.survivorCount(sweepId, rung + 1);
  return Promise.all(groups.map((methods) => store.survivorCount(sweepId, rung + 1, methods)));
}

/** Whether all trials of these methods that are to be trained have a row. */
async function haveBegun(store: SweepStore, sweepId: string, spec: SweepSpec, methods: readonly Method[]): Promise<boolean> {
  const lacking = unfinishedCells(spec, await store.limits(sweepId), await store.trialsByCell(sweepId));
  return !cellsOf(spec).some((cell) => methods.includes(cell.method) && lacking.has(cellName(cell)));
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
  {
    sweepId,
    rung,
    methods,
    isComplete,
    goesOn = true,
  }: RungAt & { readonly methods?: readonly Method[]; readonly isComplete: boolean },
): Promise<number> {
  const { spec } = await store.sweep(sweepId);
  if (spec.halving && (goesOn || (await haveBegun(store, sweepId, spec, methods ?? METHODS)))) {
    // Later rungs are entered by rows that exist.
    const seeds = rung === 0 ? spec.seeds.length : 1;
    const context = { rung, seeds, isComplete, pointOf: pointOfTrial(spec) };
    const decision = decideReached(spec.halving, await store.entrants(sweepId, rung, methods), context);
    await store.decideRung(sweepId, rung, decision, 'one after another');
  }
  return store.survivorCount(sweepId, rung + 1, methods);
}
