import type { SpecFault } from '../fault.ts';
import type { Decision, RungCurve, RungScore } from './rung.ts';

/** The rung whose trials are decided about. */
export interface RungContext {
  /** 0-based; not the last. */
  readonly rung: number;
  /** Epochs of a whole training. */
  readonly epochs: number;
  /** Returns the number of a trial's point among those of its cell. */
  readonly pointOf: (index: number) => number;
}

interface Rule<Settings> {
  /** Returns the epoch at which each rung ends; rising, where `check` yields nothing. */
  rungEpochs(settings: Settings, epochs: number): readonly number[];
  /**
   * Returns the configurations that enter each rung, of so many in a cell, when none diverges;
   * where scores decide how many go on, the most that can.
   */
  countEntrants(settings: Settings, configurations: number): readonly number[];
  /** Whether scores decide how many go on, and not only which. */
  readonly isOpenEnded: boolean;
  /** Yields what of the settings does not fit a training of so many epochs. */
  check(settings: Settings, epochs: number): Iterable<SpecFault>;
}

/** A rule that decides on the best scores so far. */
export interface ScoreRule<Settings> extends Rule<Settings> {
  readonly reads: 'scores';
  decide(settings: Settings, scores: readonly RungScore[], context: RungContext): Decision;
}

/** A rule that decides on learning curves. */
export interface CurveRule<Settings> extends Rule<Settings> {
  readonly reads: 'curves';
  decide(settings: Settings, curves: readonly RungCurve[], context: RungContext): Decision;
}

/** A way of stopping trials early: pure decisions at the ends of rungs. */
export type StoppingRule<Settings> = ScoreRule<Settings> | CurveRule<Settings>;
