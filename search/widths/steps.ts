/** Steps of a sweep that searches for widths: the cells that it trains, a few at a time. */
import { type Cell, cellName, METHOD_DEFINITIONS } from '../../models/methods/catalogue.ts';
import { cellsOf } from '../space.ts';
import type { SweepSpec } from '../spec.ts';
import { answerWidths, type SearchedWidths, type WidthScores } from './answer.ts';
import { mayBeTried, nextWidth } from './search.ts';

/** Returns the search of a spec, of which these cells have begun; null: all widths are trained. */
export function searchOf({ space }: Pick<SweepSpec, 'space'>, cells: readonly Cell[]): SearchedWidths | null {
  return space.auto ? { margin: space.auto.margin, max: Math.max(...space.k), cells } : null;
}

/**
 * Returns the cells that have begun: those with trials, and those of the first step. This is the
 * narrowest width of each method, and the cells of methods that cover all ranks, whose emulator
 * widths are compared with.
 */
export function begunCells(spec: SweepSpec, hasTrials: (cell: string) => boolean): Cell[] {
  const narrowest = Math.min(...spec.space.k);
  return cellsOf(spec).filter(
    (cell) => METHOD_DEFINITIONS[cell.method].coversAllRanks || cell.k === narrowest || hasTrials(cellName(cell)),
  );
}

/** A decision from the scores of all cells that have begun. */
export interface WidthStep {
  /** Cells to train next, at most one of each method; none: the search has ended. */
  readonly train: readonly Cell[];
  /** Cells that no later step can ask for. */
  readonly leaveOut: readonly Cell[];
}

/** Decides the next step. Without a score of an emulator, the search ends. */
export function decideStep(spec: SweepSpec, begun: readonly Cell[], scores: WidthScores): WidthStep {
  const searched = searchOf(spec, begun);
  const answers = searched ? answerWidths(searched, scores) : [];
  const train: Cell[] = [];
  const leaveOut: Cell[] = [];
  const isBegun = ({ method, k }: Cell) => begun.some((cell) => cell.method === method && cell.k === k);
  for (const { method, full, margin, max, tried } of answers) {
    const goal = { least: (full ?? Infinity) - margin, max };
    const others = cellsOf(spec).filter((cell) => cell.method === method && !isBegun(cell));
    const next = full === null ? null : nextWidth(tried, goal);
    train.push(...others.filter(({ k }) => k === next));
    leaveOut.push(...others.filter(({ k }) => full === null || !mayBeTried(k, tried, goal)));
  }
  return { train, leaveOut };
}
