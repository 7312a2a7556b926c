import type { Point } from '../parameters.ts';
import { drawFresh } from './fresh.ts';
import type { Proposer } from './proposer.ts';

export interface TpeSettings {
  /** Points of a cell that are drawn before any is proposed, the same for every cell. */
  readonly startup: number;
}

/** Tree-structured Parzen estimator. */
export const tpe: Proposer<TpeSettings> = {
  propose: (_settings, request): Point => drawFresh(request),
};
