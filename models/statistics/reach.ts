/** Confidence intervals as distances from an estimate to their ends, at any confidence. */
import type { Interval } from '../axes.ts';
import { studentQuantile } from './student-t.ts';

export interface Ends {
  readonly below: number;
  readonly above: number;
}

/** Returns the distances to the ends beyond each of which the truth is with probability `tail`. */
export type Reach = (tail: number) => Ends;

/** Probability outside an interval at each end: 95 % intervals. */
export const TAIL = 0.025;

/** Returns the reach of an estimate with a standard error and Student's t. */
export const studentReach =
  (error: number, df: number): Reach =>
  (tail) => {
    const reach = studentQuantile(tail, df) * error;
    return { below: reach, above: reach };
  };

/**
 * Combines the reaches of independent sources of error: each end in quadrature (MOVER: Zou and
 * Donner 2008, doi:10.1002/sim.3095).
 */
export const combineReaches =
  (...reaches: readonly Reach[]): Reach =>
  (tail) => {
    const ends = reaches.map((reach) => reach(tail));
    return { below: Math.hypot(...ends.map(({ below }) => below)), above: Math.hypot(...ends.map(({ above }) => above)) };
  };

/** Returns the wider of two reaches at each end. */
export const widerReach =
  (a: Reach, b: Reach): Reach =>
  (tail) => {
    const [first, second] = [a(tail), b(tail)];
    return { below: Math.max(first.below, second.below), above: Math.max(first.above, second.above) };
  };

export const scaleReach =
  (reach: Reach, factor: number): Reach =>
  (tail) => {
    const { below, above } = reach(tail);
    return { below: factor * below, above: factor * above };
  };

/** Returns the 95 % interval about a mean. */
export function intervalAt(mean: number, reach: Reach): Interval {
  const { below, above } = reach(TAIL);
  return { mean, low: mean - below, high: mean + above };
}

/** Returns half the width of the 95 % interval. */
export function halfWidth(reach: Reach): number {
  const { below, above } = reach(TAIL);
  return (below + above) / 2;
}

/**
 * Returns the smallest tail at which the interval excludes `value`, by bisection: the one-sided
 * p-value of the hypothesis that the truth is at `value` or beyond it.
 */
export function tailBeyond(mean: number, reach: Reach, value: number): number {
  const distance = Math.abs(mean - value);
  const excludes = (tail: number) => {
    const { below, above } = reach(tail);
    return distance > (mean > value ? below : above);
  };
  if (!excludes(0.5)) return 0.5;
  // In the logarithm, so that small probabilities are as precise as large ones.
  let [low, high] = [Math.log(1e-12), Math.log(0.5)];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (excludes(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}

/** Returns the two-sided p-value of the hypothesis that the truth is `value`. */
export const pValue = (mean: number, reach: Reach, value = 0): number => Math.min(1, 2 * tailBeyond(mean, reach, value));
