import { stream } from '../../models/random.ts';
import { axesOf, decodePoint, encodePoint } from './axes.ts';
import { createKnown, drawFresh } from './fresh.ts';
import { cross, mutate } from './nsga2/variation.ts';
import { holdTournament, type Measured, type Member, measuredOf, selectPopulation } from './population.ts';
import type { Proposer, SearchSettings } from './proposer.ts';

/** Fewest points that may be parents. */
const FEWEST_PARENTS = 8;
/** Children before a point is drawn instead: all were known. */
const CHILDREN = 100;

/**
 * The non-dominated sorting genetic algorithm (NSGA-II, Deb et al. 2002, doi:10.1109/4235.996017)
 * in steady state: the parents of a proposal are the best of all points that were observed, by
 * Pareto rank and crowding distance, so that no proposal waits for a generation. Of n points, the
 * square root of n are parents: few at first, to converge, and more as the front is filled. Points
 * without a score are never parents. Measured in docs/decisions/0069-several-objectives.md.
 */
export const nsga2: Proposer<SearchSettings> = {
  propose({ startup }, request) {
    const { space, observations, seed, cell, number } = request;
    const measured = number < startup ? [] : measuredOf(observations);
    if (measured.length === 0) return drawFresh(request);
    const axes = axesOf(space);
    const parents = Math.max(FEWEST_PARENTS, Math.ceil(Math.sqrt(measured.length)));
    const members = selectPopulation(
      measured.map(({ objectives }) => objectives),
      parents,
    );
    const coordinatesOf = ({ index }: Member) => encodePoint(axes, (measured[index] as Measured).point);
    const random = stream(seed, `nsga2 ${cell}`, number);
    const isKnown = createKnown(request);
    for (let i = 0; i < CHILDREN; i++) {
      const [a, b] = [holdTournament(members, random), holdTournament(members, random)];
      const child = mutate(axes, cross(axes, coordinatesOf(a), coordinatesOf(b), random), random);
      const point = decodePoint(space, axes, child);
      if (!isKnown(point)) return point;
    }
    return drawFresh(request);
  },
};
