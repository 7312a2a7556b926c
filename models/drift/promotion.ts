/** Decision between champion and challenger on the same rows, on which neither was trained. */
import type { Interval } from '../axes.ts';

/** Maximum one-sided probability of a promotion between equal models, over a run's challenges. */
export const PROMOTION_LEVEL = 0.025;

export interface Evidence {
  /** Covered variance less the champion's, on the new and on the old rows. */
  readonly fresh: Interval;
  readonly old: Interval;
  /** One-sided probability on the new rows, adjusted for the number of comparisons. */
  readonly adjustedProbability: number;
  readonly comparisons: number;
}

/**
 * Promotes a challenger that is better on the new rows, at PROMOTION_LEVEL over all comparisons,
 * and whose interval on the old rows does not reach below `-margin`.
 */
export function decidePromotion(
  { fresh, old, adjustedProbability, comparisons }: Evidence,
  margin: number,
): { readonly promoted: boolean; readonly reason: string } {
  const shown = ({ mean, low, high }: Interval) => `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
  if (!(fresh.low > 0)) return { promoted: false, reason: `not better on the new rows: ${shown(fresh)}` };
  if (!(adjustedProbability <= PROMOTION_LEVEL)) {
    const chance = `p = ${adjustedProbability.toFixed(3)} adjusted for ${comparisons} comparisons, ${PROMOTION_LEVEL} is needed`;
    return { promoted: false, reason: `not clearly better on the new rows: ${shown(fresh)}, ${chance}` };
  }
  if (!(old.low >= -margin))
    return { promoted: false, reason: `worse than the margin of ${margin} on the old rows: ${shown(old)}` };
  return {
    promoted: true,
    reason: `better on the new rows: ${shown(fresh)}; on the old rows ${shown(old)}, within the margin of ${margin}`,
  };
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
