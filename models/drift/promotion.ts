/** Champion or challenger? Both are held against the same rows, which neither was trained on. */
import type { Difference } from './performance.ts';

export interface Challenge {
  /** Challenger less champion, on hold-out rows of the new data. */
  readonly fresh: Difference;
  /** The same on the champion's own hold-out. */
  readonly old: Difference;
}

export type Decision =
  | { readonly promoted: true; readonly reason: string }
  | { readonly promoted: false; readonly reason: string };

/**
 * Promoted only when better on the new rows, with an interval that excludes no difference, and not worse than `margin` on the old ones at the interval's lower end.
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
