/**
 * Brackets of Hyperband (Li et al. 2018, arXiv 1603.06560): successive halvings that begin later
 * and later. Bracket b passes its first b rungs unjudged, so that a configuration which learns
 * slowly is not always judged by its first epochs.
 */

export interface BracketSettings {
  /** η in the paper. */
  readonly reduction: number;
  readonly rungs: number;
  /** Absent: one, which is plain successive halving. */
  readonly brackets?: number;
}

/**
 * Returns the share of the points in each bracket: proportional to η^s / (s + 1) for s = rungs - 1
 * - b halvings, by which all brackets train for about as many epochs.
 */
export function bracketShares({ reduction, rungs, brackets = 1 }: BracketSettings): readonly number[] {
  const weights = Array.from({ length: brackets }, (_, bracket) => {
    const halvings = rungs - 1 - bracket;
    return reduction ** halvings / (halvings + 1);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Step of a Weyl sequence modulo 2^32: the golden ratio, which divides most evenly. */
const GOLDEN = 0x9e3779b9;

/**
 * Returns the function from the number of a point in its cell to its bracket. The first n points
 * are divided by the shares, for any n, and so is every m-th point: neither the axes of a grid nor
 * a sequence in base 2 falls in step with the brackets.
 */
export function createBrackets(settings: BracketSettings): (point: number) => number {
  let end = 0;
  const ends = bracketShares(settings).map((share) => {
    end += share;
    return end;
  });
  // Rounding must leave none beyond the last.
  ends[ends.length - 1] = 1;
  return (point) => {
    const position = (Math.imul(point, GOLDEN) >>> 0) / 2 ** 32;
    return ends.findIndex((end) => position < end);
  };
}

/** Returns the number of points of each bracket among the first so many of a cell. */
export function countBrackets(settings: BracketSettings, points: number): readonly number[] {
  const counts = Array.from({ length: settings.brackets ?? 1 }, () => 0);
  if (counts.length === 1) return [points];
  const bracketOf = createBrackets(settings);
  for (let point = 0; point < points; point++) {
    const bracket = bracketOf(point);
    counts[bracket] = (counts[bracket] as number) + 1;
  }
  return counts;
}
