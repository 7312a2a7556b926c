/**
 * Extrapolation of learning curves: a configuration stops when even the upper bound of its final
 * score is below the best score of its cell so far. What the bound assumes, and how often it is
 * wrong: docs/decisions/0064-stopping-rules.md.
 */
import { specFault } from '../fault.ts';
import { ALL_GO_ON, bestScore, type CurveSettings, checkRungs, evenRungs, withMostTrials } from './curves.ts';
import type { CurveRule } from './rule.ts';
import { type Competitor, decideFates, meanOver, type RungCurve } from './rung.ts';

export interface ExtrapolationSettings extends CurveSettings {
  /** Height of the bound above the extrapolation, in standard deviations of the prediction. */
  readonly deviations: number;
}

/** Epochs of a curve that is extrapolated: three deviations of a line need some residuals. */
export const FEWEST_EPOCHS = 5;

/** Share of the variance that is not covered at least: the resolution of a stored score near 1. */
const LEAST_UNCOVERED = 1e-7;

/**
 * Returns an upper bound of the score after all epochs. The share of the variance that is not
 * covered is taken to fall as a power of the epochs, 1 - score = b n^-c, with errors that are
 * normal in the logarithm: a straight line of log(1 - score) against log(n) by least squares, and
 * the limit of its prediction. Returns 1, the highest score, for a curve that is too short.
 */
export function boundFinalScore(curve: readonly number[], epochs: number, deviations: number): number {
  const points = curve.flatMap((score, epoch) =>
    Number.isFinite(score) ? [{ x: Math.log(epoch + 1), y: Math.log(Math.max(LEAST_UNCOVERED, 1 - score)) }] : [],
  );
  const count = points.length;
  if (count < FEWEST_EPOCHS) return 1;
  const sumOf = (term: (point: { readonly x: number; readonly y: number }) => number) =>
    points.reduce((sum, point) => sum + term(point), 0);
  const [meanX, meanY] = [sumOf(({ x }) => x) / count, sumOf(({ y }) => y) / count];
  const spread = sumOf(({ x }) => (x - meanX) ** 2);
  const slope = sumOf(({ x, y }) => (x - meanX) * (y - meanY)) / spread;
  const residual = sumOf(({ x, y }) => (y - meanY - slope * (x - meanX)) ** 2) / (count - 2);
  const ahead = Math.log(epochs) - meanX;
  const deviation = Math.sqrt(residual * (1 + 1 / count + ahead ** 2 / spread));
  return 1 - Math.exp(meanY + slope * ahead - deviations * deviation);
}

/**
 * Returns the configurations that may still become the best; the one with the best score so far is
 * among them. Bounds of seeds are averaged, as if all were wrong by as much and in one direction.
 */
function withinReach(
  competitors: readonly Competitor<RungCurve>[],
  epochs: number,
  deviations: number,
): readonly Competitor<RungCurve>[] {
  const whole = withMostTrials(competitors);
  const best = Math.max(...whole.map((competitor) => meanOver(competitor, bestScore)));
  const bound = (trial: RungCurve) =>
    trial.decided === 'completed'
      ? bestScore(trial)
      : Math.max(bestScore(trial), boundFinalScore(trial.curve, epochs, deviations));
  return whole.filter((competitor) => meanOver(competitor, bound) >= best);
}

export const extrapolate: CurveRule<ExtrapolationSettings> = {
  reads: 'curves',
  ...ALL_GO_ON,
  rungEpochs: evenRungs,
  decide: ({ deviations }, curves, { epochs }) =>
    decideFates(curves, (competitors) => withinReach(competitors, epochs, deviations)),
  *check(settings, epochs) {
    const faults = [...checkRungs('stopping.extrapolate', settings, epochs)];
    yield* faults;
    const [first = 0] = evenRungs(settings, epochs);
    if (faults.length > 0 || first >= FEWEST_EPOCHS) return;
    if (epochs <= FEWEST_EPOCHS) {
      const message = `a curve is extrapolated from at least ${FEWEST_EPOCHS} epochs, and ${epochs} leave none to save`;
      yield specFault('stopping.extrapolate', message, `train for more than ${FEWEST_EPOCHS} epochs, or leave it out`);
      return;
    }
    const path = settings.grace === undefined ? 'stopping.extrapolate.rungs' : 'stopping.extrapolate.grace';
    const message = `the first rung ends after epoch ${first}, and a curve is extrapolated from at least ${FEWEST_EPOCHS} epochs`;
    yield specFault(path, message, `use a grace of at least ${FEWEST_EPOCHS}`);
  },
};
