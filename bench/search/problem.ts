import type { Dimensions, Point } from '../../search/parameters.ts';

/** A problem of bench/search.ts: a space, and the loss of each of its points. */
export interface Problem {
  readonly name: string;
  readonly space: Dimensions;
  /** Returns the loss of points in the instance of a seed: 0 is the least; null: diverged. */
  createLoss(seed: number): (point: Point) => number | null;
}
