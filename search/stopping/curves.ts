/** The part that rules which judge learning curves have in common. */
import { isRising } from '../../models/vectors.ts';
import { type SpecFault, specFault } from '../fault.ts';
import type { Competitor, RungCurve } from './rung.ts';

export interface CurveSettings {
  readonly rungs: number;
  /** Epochs of the first rung: no trial is stopped before; absent: as many as of the others. */
  readonly grace?: number;
}

/** Returns the end of each rung: the first after the grace, the others evenly up to all epochs. */
export function evenRungs({ rungs, grace }: CurveSettings, epochs: number): readonly number[] {
  const first = grace ?? Math.ceil(epochs / rungs);
  return Array.from({ length: rungs }, (_, rung) => Math.ceil(first + ((epochs - first) * rung) / (rungs - 1)));
}

/** Entrants under rules that may let every configuration go on. */
export const ALL_GO_ON = {
  isOpenEnded: true,
  countEntrants: ({ rungs }: CurveSettings, configurations: number) => Array.from({ length: rungs }, () => configurations),
};

/** Yields where rungs, at paths below `path`, do not fit the epochs. */
export function* checkRungs(path: string, settings: CurveSettings, epochs: number): Generator<SpecFault> {
  const { rungs, grace } = settings;
  if (grace !== undefined && grace >= epochs) {
    yield specFault(`${path}.grace`, `a grace of ${grace} of ${epochs} epochs leaves no time to stop in`, 'use a shorter one');
  } else if (!isRising(evenRungs(settings, epochs))) {
    const isEnough = isRising(evenRungs({ ...settings, rungs: 2 }, epochs));
    const fix = isEnough ? 'use fewer rungs' : `train for more epochs, or leave ${path} out`;
    const left = epochs - (grace ?? 0);
    const rest = `${left} ${left === 1 ? 'epoch' : 'epochs'}${grace === undefined ? '' : ' after the grace'}`;
    yield specFault(`${path}.rungs`, `${rest} cannot be divided into ${rungs} rungs`, fix);
  }
}

/**
 * Returns the configurations with most trials. One that lost seeds (diverged, failed) is not
 * compared at the end, and is not trained on.
 */
export function withMostTrials<Trial>(competitors: readonly Competitor<Trial>[]): readonly Competitor<Trial>[] {
  const most = competitors.reduce((count, { trials }) => Math.max(count, trials.length), 0);
  return competitors.filter(({ trials }) => trials.length === most);
}

/** Returns the best score of a trial so far; -Infinity without any. */
export const bestScore = ({ curve }: RungCurve): number =>
  curve.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY);
