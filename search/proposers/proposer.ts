import type { Dimensions, Point } from '../parameters.ts';

/**
 * A point of a cell that was trained, with the mean of its validation scores over seeds, on the
 * first partition and at the end of the first rung; null: none of them has a score (diverged or
 * failed). Higher is better.
 */
export interface Observation {
  readonly point: Point;
  readonly score: number | null;
  /** Costs that are weighed against the score; absent: none are. */
  readonly costs?: readonly number[];
}

/** Returns costs that follow from a point alone; lower is better, as many for each point. */
export type MeasureCosts = (point: Point) => readonly number[];

/** The other widths of a cell's method, with which it shares its points. */
export interface Siblings {
  /** Observations of each other width, in the order of the cells. */
  readonly observations: readonly (readonly Observation[])[];
  /** Place of the cell among the widths of the method, from 0. */
  readonly place: number;
}

/** Everything that a proposal depends on. The same request gives the same point, bit for bit. */
export interface ProposalRequest {
  readonly space: Dimensions;
  /** In the order of the points' numbers. */
  readonly observations: readonly Observation[];
  /** Points of the cell that are proposed and have not ended, in the order of their numbers. */
  readonly pending: readonly Point[];
  /** Seed of the sampler. */
  readonly seed: number;
  /** Name of the cell (e.g. 'ednn/2'). */
  readonly cell: string;
  /** Number of the point among those of its cell. */
  readonly number: number;
  /** Null: the cell is searched by itself. */
  readonly siblings: Siblings | null;
}

export interface SearchSettings {
  /**
   * Points of a cell that are drawn before any is proposed; the same ones for every cell, unless it
   * has siblings.
   */
  readonly startup: number;
}

/** Proposes points from what was observed. */
export interface Proposer<Settings> {
  /** Throws RangeError where the space has no point that was not proposed. */
  propose(settings: Settings, request: ProposalRequest): Point;
}
