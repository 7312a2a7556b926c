/**
 * The best points by non-dominated sorting and crowding (Deb et al. 2002,
 * doi:10.1109/4235.996017).
 */
import { type ObjectivePoint, paretoRanks } from '../../models/evaluation/pareto.ts';
import type { Stream } from '../../models/random.ts';
import type { Point } from '../parameters.ts';
import type { Observation } from './proposer.ts';

/** A point that has a score, with its objectives as values to maximise. */
export interface Measured {
  readonly point: Point;
  readonly objectives: ObjectivePoint;
}

/** Returns the points that have a score, with it and their costs. */
export const measuredOf = (observations: readonly Observation[]): Measured[] =>
  observations.flatMap(({ point, score, costs = [] }) =>
    score === null || !Number.isFinite(score) ? [] : [{ point, objectives: [score, ...costs.map((cost) => -cost)] }],
  );

/** A point among the best. */
export interface Member {
  /** Position among the points that it was selected from. */
  readonly index: number;
  /** Pareto rank; 1: no other point dominates it. */
  readonly rank: number;
  readonly crowding: number;
}

/**
 * Returns at most `size` of the points, all of whose objectives are to be maximised: those of the
 * lowest ranks, and of the last rank that fits in part the least crowded ones.
 */
export function selectPopulation(points: readonly ObjectivePoint[], size: number): Member[] {
  const ranks = paretoRanks(points, size);
  const fronts = Map.groupBy(points.keys(), (index) => ranks[index] as number);
  const members: Member[] = [];
  for (let rank = 1; members.length < size; rank++) {
    const front = fronts.get(rank);
    if (front === undefined) break;
    const distances = crowdingDistances(front.map((index) => points[index] as ObjectivePoint));
    const own = front.map((index, i) => ({ index, rank, crowding: distances[i] as number }));
    members.push(...own.sort(compareMembers).slice(0, size - members.length));
  }
  return members;
}

/**
 * Returns the crowding distance of each point of a front: the sum, over the objectives, of the
 * distance between its neighbours in relation to the range; infinite at the ends.
 */
export function crowdingDistances(front: readonly ObjectivePoint[]): Float64Array {
  const distances = new Float64Array(front.length);
  const [first = []] = front;
  for (const objective of first.keys()) {
    const at = (index: number | undefined) => front[index as number]?.[objective] as number;
    const rising = [...front.keys()].sort((a, b) => at(a) - at(b));
    const range = at(rising.at(-1)) - at(rising[0]);
    rising.forEach((index, place) => {
      const isEnd = place === 0 || place === rising.length - 1;
      const gap = isEnd ? Number.POSITIVE_INFINITY : at(rising[place + 1]) - at(rising[place - 1]);
      if (range > 0) distances[index] = (distances[index] as number) + gap / range;
    });
  }
  return distances;
}

/** Orders by rank, then by crowding, the better first. */
function compareMembers(a: Member, b: Member): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  // The difference of two infinite distances is not a number.
  return a.crowding === b.crowding ? 0 : b.crowding - a.crowding;
}

/** Draws two members, and returns the better of them. */
export function holdTournament(members: readonly Member[], { uniform }: Stream): Member {
  const draw = () => members[Math.floor(uniform() * members.length)] as Member;
  const [a, b] = [draw(), draw()];
  return compareMembers(a, b) <= 0 ? a : b;
}
