import type { Point } from '../spec.ts';

/**
 * Answers "which configuration has number n" from the spec alone: no list, no state, any order.
 * Configurations are dealt to the cells in turn: number n belongs to cell n mod C and stands at
 * point floor(n / C), so that every cell meets the same points (common random numbers).
 */
export interface Sampler {
  /** Configurations of the sweep, over all cells; each is trained with every seed. */
  readonly configurations: number;
  /** The point with this number, 0 <= point < ceil(configurations / C). */
  pointAt(point: number): Point;
}
