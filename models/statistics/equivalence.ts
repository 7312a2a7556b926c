import { type Reach, tailBeyond } from './reach.ts';

/**
 * Returns the one-sided p-value of the hypothesis that a shortfall is the margin or more: a small
 * one shows equivalence but for the margin. The one test of Schuirmann's two (1987,
 * doi:10.1007/BF01068419) that matters where more is better.
 */
export function shortfallPValue(shortfall: number, reach: Reach, margin: number): number {
  const tail = tailBeyond(shortfall, reach, margin);
  return shortfall < margin ? tail : 1 - tail;
}
