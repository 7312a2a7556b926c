/** How the best validation score of each method and width rose with the configurations tried. */
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { expectedBest, findImprovements, type NumberedScore } from '../../models/evaluation/best-so-far.ts';
import { type Cell, compareCells } from '../../models/methods/catalogue.ts';
import { numberTrials, trialId } from '../../search/space.ts';
import { isFinished } from '../../search/states.ts';
import type { ComparedConfiguration } from './configurations.ts';

/** A configuration by its number among those of its method and width, from 1. */
export interface TriedConfiguration extends NumberedScore {
  /** Its first trial. */
  readonly trialId: string;
}

export interface SearchHistory extends Cell {
  /** Highest number of a configuration with a score. */
  readonly configurations: number;
  /** In the order of their numbers. */
  readonly scores: readonly TriedConfiguration[];
  /** Those that were better than all before them. */
  readonly improvements: readonly TriedConfiguration[];
  /** Best score that as many of these configurations have on average, in random order. */
  readonly expected: readonly NumberedScore[];
}

/** Numbers at which the expected best score is computed. */
const MAX_EXPECTED = 60;

/** Returns the history of each method and width with a score, in the order of methods. */
export function describeHistory(
  { id, spec, state }: Pick<SweepRow, 'id' | 'spec' | 'state'>,
  compared: readonly ComparedConfiguration[],
): SearchHistory[] {
  const { positionOf } = numberTrials(spec);
  const cells = Map.groupBy(compared, ({ method, k }) => `${method}/${k}`);
  const histories = [...cells.values()].map((own): SearchHistory => {
    const scores = own
      .map(({ index, coveredVariance }): TriedConfiguration => {
        return { number: positionOf(index).point + 1, score: coveredVariance, trialId: trialId(id, index) };
      })
      .sort((a, b) => a.number - b.number);
    const { method, k } = own[0] as ComparedConfiguration;
    return {
      method,
      k,
      configurations: scores.at(-1)?.number ?? 0,
      scores,
      improvements: findImprovements(scores),
      expected: expectedOf(scores, isFinished(state)),
    };
  });
  return histories.sort(compareCells);
}

/**
 * Numbers without a score, which were pruned, diverged or failed, count as the lowest score once
 * the sweep has ended; before, most of them are to be trained still.
 */
function expectedOf(scores: readonly TriedConfiguration[], hasEnded: boolean): NumberedScore[] {
  const count = hasEnded ? (scores.at(-1)?.number ?? 0) : scores.length;
  const known = scores.map(({ score }) => score);
  const lowest = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const filled = [...known, ...new Array<number>(count - known.length).fill(lowest)];
  const points = Math.min(MAX_EXPECTED, count);
  const numbers = Array.from({ length: points }, (_, i) => 1 + Math.round((i * (count - 1)) / Math.max(1, points - 1)));
  return expectedBest(filled, numbers).map((score, i) => ({ number: numbers[i] as number, score }));
}
