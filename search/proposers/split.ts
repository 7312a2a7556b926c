/** Good and bad points, by their scores. */
import type { Point } from '../parameters.ts';
import type { Observation } from './proposer.ts';

/** Share of the points that are good (γ of Bergstra et al. 2011), and the most that are. */
const [SHARE, MAX_GOOD] = [0.1, 25] as const;

export interface Split {
  /** The points of the highest scores, the best first; of equal scores the earliest. */
  readonly good: readonly Point[];
  /** All others, those without a score among them. */
  readonly bad: readonly Point[];
}

/** Returns the good and the bad points; null where the scores do not tell points apart. */
export function splitByScore(observations: readonly Observation[]): Split | null {
  const scores = new Float64Array(
    observations.map(({ score }) => (Number.isFinite(score) ? (score as number) : Number.NEGATIVE_INFINITY)),
  );
  const size = Math.min(MAX_GOOD, Math.ceil(SHARE * scores.length));
  if (scores.every((score) => score === scores[0])) return null;
  const best = largest(scores, size);
  const isGood = new Set(best);
  const points = observations.map(({ point }) => point);
  return { good: best.map((i) => points[i] as Point), bad: points.filter((_, i) => !isGood.has(i)) };
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
