/**
 * The median rule (Golovin et al. 2017, doi:10.1145/3097983.3098043): a configuration stops when
 * its best score is below the median of the running averages of the others' scores, up to the same
 * epoch. It assumes nothing about the form of curves.
 */
import { ALL_GO_ON, bestScore, type CurveSettings, checkRungs, evenRungs, withMostTrials } from './curves.ts';
import type { CurveRule } from './rule.ts';
import { type Competitor, decideFates, meanOver, type RungCurve } from './rung.ts';

/** Returns the configurations that go on; the one with the best score always does. */
function aboveMedian(competitors: readonly Competitor<RungCurve>[]): readonly Competitor<RungCurve>[] {
  const whole = withMostTrials(competitors);
  const averages = whole.map((competitor) => meanOver(competitor, runningAverage));
  const medianWithout = mediansOfOthers(averages);
  return whole.filter((competitor, i) => meanOver(competitor, bestScore) >= medianWithout(averages[i] as number));
}

const runningAverage = ({ curve }: RungCurve): number =>
  curve.length === 0 ? Number.NEGATIVE_INFINITY : curve.reduce((sum, score) => sum + score, 0) / curve.length;

/** Returns the median of all values but one that is given; -Infinity where there are no others. */
function mediansOfOthers(values: readonly number[]): (value: number) => number {
  const sorted = values.toSorted((a, b) => a - b);
  const others = sorted.length - 1;
  if (others === 0) return () => Number.NEGATIVE_INFINITY;
  const ranks = new Map(sorted.map((value, rank) => [value, rank]));
  return (value) => {
    const left = ranks.get(value) as number;
    const at = (rank: number) => sorted[rank < left ? rank : rank + 1] as number;
    return (at(Math.floor((others - 1) / 2)) + at(Math.floor(others / 2))) / 2;
  };
}

export const median: CurveRule<CurveSettings> = {
  reads: 'curves',
  ...ALL_GO_ON,
  rungEpochs: evenRungs,
  decide: (_, curves) => decideFates(curves, aboveMedian),
  check: (settings, epochs) => checkRungs('stopping.median', settings, epochs),
};
