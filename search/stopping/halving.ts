/**
 * Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943): every configuration is
 * trained for a few epochs, the better part goes on for `reduction` times as many (η in the paper),
 * and so on for a number of rungs. With several brackets it is Hyperband. Pure decisions on
 * validation scores.
 */
import { isRising } from '../../models/vectors.ts';
import { type SpecFault, specFault } from '../fault.ts';
import { type BracketSettings, countBrackets, createBrackets } from './brackets.ts';
import type { ScoreRule } from './rule.ts';
import { type ChooseSurvivors, type Competitor, type Decision, decideFates, meanOver, type RungScore } from './rung.ts';

export interface HalvingSettings extends BracketSettings {
  /** Trials are promoted while others have yet to reach their rung; absent: once all have. */
  readonly asynchronous?: true;
}

/** Returns the end of each rung: epochs / reduction^(rungs - 1 - rung), rounded up. */
export const rungEpochs = (epochs: number, reduction: number, rungs: number): readonly number[] =>
  Array.from({ length: rungs }, (_, rung) => Math.ceil(epochs / reduction ** (rungs - 1 - rung)));

/** Returns the number of configurations that survive a rung, at least one where there are some. */
export const survivorCount = (entrants: number, reduction: number): number =>
  Math.min(entrants, Math.max(1, Math.floor(entrants / reduction)));

/**
 * Decides which trials survive a rung: the best of each cell, partition and bracket, ranked by the
 * mean of the validation scores of their seeds, those that completed before by their patience
 * included. A configuration that lost seeds (diverged, failed) ranks below those that kept more;
 * ties are resolved by hash. Brackets that begin after the rung survive it whole.
 */
export function decidePromotions(
  scores: readonly RungScore[],
  reduction: number,
  { rung, bracketOf, countSurvivors = survivorCount }: PromotionContext = WITHOUT_BRACKETS,
): Decision {
  const choose: ChooseSurvivors<RungScore> = (competitors, bracket) => {
    if (bracket > rung) return competitors;
    const ranked = rankCompetitors(competitors);
    return ranked.slice(0, countSurvivors(ranked.length, reduction));
  };
  return decideFates(scores, choose, bracketOf);
}

/** The rung that is decided about, and how. */
interface PromotionContext {
  readonly rung: number;
  readonly bracketOf: (index: number) => number;
  /** Absent: survivorCount. */
  readonly countSurvivors?: (entrants: number, reduction: number) => number;
}

const WITHOUT_BRACKETS: PromotionContext = { rung: 0, bracketOf: () => 0 };

/**
 * Returns the configurations that have reached the rung by their rank, the best first, as
 * decidePromotions has it. One of which all trials completed before takes no place.
 */
export const rankCompetitors = <Trial extends RungScore>(competitors: readonly Competitor<Trial>[]): Competitor<Trial>[] =>
  competitors.filter(({ trials }) => trials.some(({ decided }) => decided !== 'completed')).sort(compare);

const compare = (a: Competitor<RungScore>, b: Competitor<RungScore>): number =>
  b.trials.length - a.trials.length || meanScore(b) - meanScore(a) || (a.hash < b.hash ? -1 : 1);

const meanScore = (competitor: Competitor<RungScore>): number => meanOver(competitor, ({ validation }) => validation);

export const halving: ScoreRule<HalvingSettings> = {
  reads: 'scores',
  isOpenEnded: false,
  rungEpochs: ({ reduction, rungs }, epochs) => rungEpochs(epochs, reduction, rungs),
  countEntrants(settings, configurations) {
    const { reduction, rungs } = settings;
    let entrants = countBrackets(settings, configurations);
    return Array.from({ length: rungs }, (_, rung) => {
      if (rung > 0) entrants = entrants.map((count, bracket) => (bracket < rung ? survivorCount(count, reduction) : count));
      return entrants.reduce((sum, count) => sum + count, 0);
    });
  },
  decide(settings, scores, { rung, pointOf }) {
    const bracketAt = createBrackets(settings);
    return decidePromotions(scores, settings.reduction, { rung, bracketOf: (index) => bracketAt(pointOf(index)) });
  },
  *check({ reduction, rungs, brackets = 1 }, epochs): Generator<SpecFault> {
    if (!isRising(rungEpochs(epochs, reduction, rungs)))
      yield specFault(
        'halving.rungs',
        `${epochs} ${epochs === 1 ? 'epoch does' : 'epochs do'} not divide into ${rungs} rungs by ${reduction}`,
        isRising(rungEpochs(epochs, reduction, 2)) ? 'use fewer rungs' : 'train for more epochs, or leave halving out',
      );
    if (brackets > rungs) {
      const message = `${brackets} brackets are more than the ${rungs} rungs, of which each bracket skips one more`;
      yield specFault('halving.brackets', message, `use at most ${rungs} brackets`);
    }
  },
};
