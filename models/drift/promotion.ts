/** Decision between champion and challenger on the same rows, on which neither was trained. */
import type { Difference } from './performance.ts';

export interface Challenge {
  /** Covered variance of the challenger minus the champion's, on hold-out rows of the new data. */
  readonly fresh: Difference;
  /** The same difference on the champion's own hold-out rows. */
  readonly old: Difference;
}

export interface Decision {
  readonly promoted: boolean;
  readonly reason: string;
}

/**
 * Promotes a challenger whose interval on the new rows lies above zero, and whose interval on the
 * old rows does not reach below `-margin`.
 */
export function decidePromotion({ fresh, old }: Challenge, margin: number): Decision {
  const shown = ({ mean, low, high }: Difference) => `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
  if (!(fresh.low > 0)) return { promoted: false, reason: `not better on the new rows: ${shown(fresh)}` };
  if (!(old.low >= -margin))
    return { promoted: false, reason: `worse than the margin of ${margin} on the old rows: ${shown(old)}` };
  return {
    promoted: true,
    reason: `better on the new rows: ${shown(fresh)}; on the old rows ${shown(old)}, within the margin of ${margin}`,
  };
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
