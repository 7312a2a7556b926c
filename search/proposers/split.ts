/** Good and bad points, by their scores. */
import type { Point } from '../parameters.ts';
import type { Observation } from './proposer.ts';

/** Share of the points that are good (γ of Bergstra et al. 2011), and the most that are. */
const [SHARE, MAX_GOOD] = [0.1, 25] as const;

export interface Split {
  readonly good: readonly Point[];
  /** Weights of the good points, 1 on average. */
  readonly weights: Float64Array;
  /** All others, those without a score among them. */
  readonly bad: readonly Point[];
}

/** Returns the number of good points among so many. */
export const countGood = (points: number): number => Math.min(MAX_GOOD, Math.ceil(SHARE * points));

/**
 * Returns the points of the highest scores, the best first, of equal scores the earliest, and all
 * others; null where the scores do not tell points apart.
 */
export function splitByScore(observations: readonly Observation[]): Split | null {
  const scores = new Float64Array(
    observations.map(({ score }) => (Number.isFinite(score) ? (score as number) : Number.NEGATIVE_INFINITY)),
  );
  const size = countGood(scores.length);
  if (scores.every((score) => score === scores[0])) return null;
  const best = largest(scores, size);
  const isGood = new Set(best);
  const points = observations.map(({ point }) => point);
  const good = best.map((i) => points[i] as Point);
  return { good, weights: weighRanks(good.length), bad: points.filter((_, i) => !isGood.has(i)) };
}

/**
 * Returns the weights of points by their rank, the best first, 1 on average: log((n + 1) / rank),
 * as evolution strategies have them (Hansen and Ostermeier 2001, doi:10.1162/106365601750190398).
 */
const weighRanks = (count: number): Float64Array =>
  normalise(Float64Array.from({ length: count }, (_, i) => Math.log((count + 1) / (i + 1))));

/** Scales weights to 1 on average. */
export function normalise(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * weights.length) / total);
}

/** Returns the positions of the `count` largest finite numbers, falling; of equals the first. */
function largest(numbers: Float64Array, count: number): number[] {
  const found: number[] = [];
  const at = (place: number) => numbers[found[place] as number] as number;
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    if (number === Number.NEGATIVE_INFINITY || (found.length === count && number <= at(count - 1))) continue;
    let place = found.length;
    while (place > 0 && at(place - 1) < number) place--;
    found.splice(place, 0, i);
    found.length = Math.min(found.length, count);
  }
  return found;
}
