import { stream } from '../../models/random.ts';
import type { Point } from '../parameters.ts';
import { axesOf, decodePoint, encodePoint } from './axes.ts';
import { createKnown, drawFresh } from './fresh.ts';
import { createMixture } from './mixture.ts';
import type { Observation, Proposer, SearchSettings } from './proposer.ts';
import { dealDraw, goodOfSiblings } from './siblings.ts';
import { type Split, splitByScore } from './split.ts';
import { splitByFront } from './split-by-front.ts';
import { thin } from './thin.ts';

/** Candidates of a proposal. */
const CANDIDATES = 64;
/** Bad points, and pending ones, that make a density: more cost time and change little of it. */
const MAX_BAD = 250;
/** Scales of the bandwidths, in turn: some proposals refine what is known, others look further. */
const SCALES = [0.4, 0.7, 1.4] as const;

/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011), multivariate (Falkner, Klein and
 * Hutter 2018, arXiv 1807.01774): draws candidates from the density of the good points, and
 * proposes the one where that density is highest in relation to the density of the bad. Points that
 * have not ended count as bad, so that those in training at the same time differ. The best points
 * of other widths, where they share, are among the good. Measured in the decisions
 * docs/decisions/0053-proposers.md, of several objectives in 0069-several-objectives.md, of widths
 * that share in 0071-shared-points.md.
 */
export const tpe: Proposer<SearchSettings> = {
  propose({ startup }, request) {
    const { space, observations, pending, seed, cell, number } = request;
    if (number < startup) return drawFresh(dealDraw(request));
    const own = splitPoints(observations);
    const shared = goodOfSiblings(request, (others) => (others.length < startup ? null : splitPoints(others)));
    if (own === null && shared.good.length === 0) return drawFresh(dealDraw(request));
    const split = own ?? { good: [], weights: new Float64Array(), bad: observations.map(({ point }) => point) };
    const axes = axesOf(space);
    const densityOf = (points: readonly Point[], weights: Float64Array) =>
      createMixture(
        axes,
        points.map((point) => encodePoint(axes, point)),
        weights,
        SCALES[number % SCALES.length] as number,
      );
    const others = [...thin(split.bad, MAX_BAD), ...thin(pending, MAX_BAD)];
    const good = densityOf([...split.good, ...shared.good], Float64Array.from([...split.weights, ...shared.weights]));
    const bad = densityOf(others, new Float64Array(others.length).fill(1));
    const random = stream(seed, `tpe ${cell}`, number);
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const coordinates = good.sample(random);
      return { coordinates, gain: good.logDensity(coordinates) - bad.logDensity(coordinates) };
    });
    const isKnown = createKnown(request);
    for (const { coordinates } of candidates.sort((a, b) => b.gain - a.gain)) {
      const point = decodePoint(space, axes, coordinates);
      if (!isKnown(point)) return point;
    }
    return drawFresh(dealDraw(request));
  },
};

/** Splits by the front of scores and costs where points have costs. */
const splitPoints = (observations: readonly Observation[]): Split | null =>
  observations.some(({ costs }) => costs !== undefined) ? splitByFront(observations) : splitByScore(observations);
