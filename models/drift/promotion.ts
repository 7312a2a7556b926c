/** Decision between champion and challenger on the same rows, on which neither was trained. */
import type { Interval } from '../axes.ts';

/**
 * Promotes a challenger whose interval on the new rows (`fresh`) lies above zero, and whose
 * interval on the old rows does not reach below `-margin`: covered variances less the champion's.
 */
export function decidePromotion(
  { fresh, old }: { readonly fresh: Interval; readonly old: Interval },
  margin: number,
): { readonly promoted: boolean; readonly reason: string } {
  const shown = ({ mean, low, high }: Interval) => `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
  if (!(fresh.low > 0)) return { promoted: false, reason: `not better on the new rows: ${shown(fresh)}` };
  if (!(old.low >= -margin))
    return { promoted: false, reason: `worse than the margin of ${margin} on the old rows: ${shown(old)}` };
  return {
    promoted: true,
    reason: `better on the new rows: ${shown(fresh)}; on the old rows ${shown(old)}, within the margin of ${margin}`,
  };
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
