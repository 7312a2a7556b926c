/**
 * Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943): every configuration is
 * trained for a few epochs, the better part goes on for `reduction` times as many (η in the paper),
 * and so on for a number of rungs. Pure decisions on validation scores.
 */

/** Returns the end of each rung: epochs / reduction^(rungs - 1 - rung), rounded up. */
export const rungEpochs = (epochs: number, reduction: number, rungs: number): readonly number[] =>
  Array.from({ length: rungs }, (_, rung) => Math.ceil(epochs / reduction ** (rungs - 1 - rung)));

/** Returns the number of configurations of a cell that survive a rung, at least one. */
export const survivorCount = (entrants: number, reduction: number): number => Math.max(1, Math.floor(entrants / reduction));

/** A trial that reached the rung alive. */
export interface RungScore {
  /** Number of the trial in the sweep's space. */
  readonly index: number;
  readonly cell: string;
  readonly partition: number;
  readonly configurationHash: string;
  /** Best validation covered variance so far. */
  readonly validation: number;
  /** Earlier decision about the trial at this rung; null: undecided. */
  readonly decided: 'promoted' | 'pruned' | null;
}

export interface Decision {
  /** Numbers of the trials, rising. Together: those that were undecided. */
  readonly promoted: readonly number[];
  readonly pruned: readonly number[];
}

/**
 * Decides which trials survive a rung. Trials compete within their cell and partition, by
 * configuration: all seeds of a configuration share its fate, ranked by the mean of their
 * validation scores, so that the comparison over seeds stays complete. Scores of other partitions
 * are left out: their validation rows are test rows here. A configuration that lost seeds
 * (diverged, failed) ranks below those that kept more; ties are resolved by hash. Earlier decisions
 * are kept: a trial that arrives late, after a retry, follows its siblings.
 */
export function decidePromotions(scores: readonly RungScore[], reduction: number): Decision {
  const promoted: number[] = [];
  const pruned: number[] = [];
  for (const competitors of Map.groupBy(scores, ({ cell, partition }) => `${partition} ${cell}`).values()) {
    const configurations = Map.groupBy(competitors, ({ configurationHash }) => configurationHash);
    const ranked = [...configurations].sort(compareConfigurations);
    const kept = survivorCount(ranked.length, reduction);
    for (const [rank, [, trials]] of ranked.entries()) {
      const earlier = trials.find(({ decided }) => decided !== null)?.decided;
      const goesOn = earlier ? earlier === 'promoted' : rank < kept;
      const side = goesOn ? promoted : pruned;
      side.push(...trials.filter(({ decided }) => decided === null).map(({ index }) => index));
    }
  }
  return { promoted: promoted.sort(rising), pruned: pruned.sort(rising) };
}

/** A hash, and the trials of that configuration. */
type Configuration = readonly [string, readonly RungScore[]];

const compareConfigurations = ([hashA, a]: Configuration, [hashB, b]: Configuration): number =>
  b.length - a.length || mean(b) - mean(a) || (hashA < hashB ? -1 : 1);

/** Returns the mean score, summed by trial number: the order of rows must not break a tie. */
const mean = (trials: readonly RungScore[]): number =>
  trials.toSorted((a, b) => a.index - b.index).reduce((sum, { validation }) => sum + validation, 0) / trials.length;

const rising = (a: number, b: number) => a - b;
