/**
 * Asynchronous successive halving (ASHA; Li et al. 2020, arXiv 1810.05934, algorithm 2): the best
 * 1/reduction of the configurations that have reached a rung so far go on at once, and nobody waits
 * for the others. Pure decisions on validation scores.
 *
 * Early decisions compare few configurations: a configuration may go on which would not be among
 * the best of all. So which ones go on depends on the order in which trials end. The best of all
 * that reach a rung go on in any order.
 */
import { type BracketSettings, createBrackets } from './brackets.ts';
import { decidePromotions, survivorCount } from './halving.ts';
import type { Decision, RungScore } from './rung.ts';

/** A trial that entered a rung, or that completed before its end. */
export interface Entrant extends Omit<RungScore, 'validation'> {
  /** Best validation covered variance so far; null where it has not reached the end of the rung. */
  readonly validation: number | null;
  /** Whether it has yet to be trained in this rung. */
  readonly isPending: boolean;
}

export interface ReachedRung {
  /** 0-based; not the last. */
  readonly rung: number;
  /** Trials of a configuration in a partition that are to enter the rung, at least. */
  readonly seeds: number;
  /** Whether nothing more will reach the rung. */
  readonly isComplete: boolean;
  /** Returns the number of a trial's point among those of its cell. */
  readonly pointOf: (index: number) => number;
}

/**
 * Decides which trials are promoted past a rung now, and once it is complete, which are pruned, by
 * the rules of decidePromotions. A configuration is ranked once all of its trials have ended in the
 * rung.
 */
export function decideReached(
  settings: BracketSettings,
  entrants: readonly Entrant[],
  { rung, seeds, isComplete, pointOf }: ReachedRung,
): Decision {
  const bracketAt = createBrackets(settings);
  const configurations = [
    ...Map.groupBy(entrants, ({ partition, configurationHash }) => `${partition} ${configurationHash}`).values(),
  ];
  const ranked = configurations.filter((trials) => isComplete || hasEnded(trials, seeds));
  const { promoted, pruned } = decidePromotions(ranked.flat().filter(hasScore), settings.reduction, {
    rung,
    bracketOf: (index) => bracketAt(pointOf(index)),
    countSurvivors: isComplete ? survivorCount : (reached, reduction) => Math.floor(reached / reduction),
  });
  if (isComplete) return { promoted, pruned };
  // Others may go on later; those that arrive late follow their siblings.
  const earlier = ranked.filter((trials) => trials.some(({ decided }) => decided === 'pruned')).flat();
  const late = new Set(earlier.map(({ index }) => index));
  return { promoted, pruned: pruned.filter((index) => late.has(index)) };
}

const hasEnded = (trials: readonly Entrant[], seeds: number): boolean =>
  trials.length >= seeds && trials.every(({ isPending }) => !isPending);

const hasScore = (entrant: Entrant): entrant is Entrant & RungScore => entrant.validation !== null;
