/** Fates of the trials at the end of a rung: the part that rules have in common. */

/** A trial at a rung, and what was decided about it. */
export interface RungTrial {
  /** Number of the trial in the sweep's space. */
  readonly index: number;
  readonly cell: string;
  readonly partition: number;
  readonly configurationHash: string;
  /**
   * Earlier decision about the trial at this rung. 'completed': it ended before, by its patience,
   * and needs none; null: undecided.
   */
  readonly decided: 'promoted' | 'pruned' | 'completed' | null;
}

/** A trial that reached the rung alive, or that completed before its end. */
export interface RungScore extends RungTrial {
  /** Best validation covered variance so far. */
  readonly validation: number;
}

/** A trial that reached the rung alive, or that completed before its end. */
export interface RungCurve extends RungTrial {
  /** Validation covered variance after each epoch, up to the end of the rung. */
  readonly curve: readonly number[];
}

export interface Decision {
  /** Numbers of the trials, rising. Together: those that were undecided. */
  readonly promoted: readonly number[];
  readonly pruned: readonly number[];
}

/** A configuration at a rung, with its trials there, rising. */
export interface Competitor<Trial> {
  readonly hash: string;
  readonly trials: readonly Trial[];
}

/** Returns those of the configurations that compete with each other which go on. */
export type ChooseSurvivors<Trial> = (competitors: readonly Competitor<Trial>[], bracket: number) => readonly Competitor<Trial>[];

/**
 * Decides which trials survive a rung. Trials compete within their cell, partition and bracket, by
 * configuration: all seeds of a configuration share its fate, so that the comparison over seeds
 * stays complete. Scores of other partitions are left out: their validation rows are test rows
 * here. Earlier decisions are kept: a trial that arrives late, after a retry, follows its siblings.
 */
export function decideFates<Trial extends RungTrial>(
  trials: readonly Trial[],
  choose: ChooseSurvivors<Trial>,
  bracketOf: (index: number) => number = () => 0,
): Decision {
  const promoted: number[] = [];
  const pruned: number[] = [];
  for (const { bracket, competitors } of groupCompetitors(trials, bracketOf)) {
    const survivors = new Set(choose(competitors, bracket).map(({ hash }) => hash));
    for (const { hash, trials } of competitors) {
      const earlier = trials.find(({ decided }) => decided === 'promoted' || decided === 'pruned')?.decided;
      const goesOn = earlier ? earlier === 'promoted' : survivors.has(hash);
      const side = goesOn ? promoted : pruned;
      side.push(...trials.filter(({ decided }) => decided === null).map(({ index }) => index));
    }
  }
  return { promoted: promoted.sort(rising), pruned: pruned.sort(rising) };
}

/** Configurations of a cell, partition and bracket. */
export interface CompetitorGroup<Trial> {
  readonly bracket: number;
  readonly competitors: readonly Competitor<Trial>[];
}

/** Returns the configurations that compete with each other, whatever the order of the trials. */
export function groupCompetitors<Trial extends RungTrial>(
  trials: readonly Trial[],
  bracketOf: (index: number) => number,
): CompetitorGroup<Trial>[] {
  // The order of rows must not break a tie between sums.
  const ordered = trials.toSorted((a, b) => a.index - b.index);
  const groups = Map.groupBy(ordered, ({ index, cell, partition }) => `${partition} ${bracketOf(index)} ${cell}`);
  return [...groups.values()].map((group) => {
    const byHash = Map.groupBy(group, ({ configurationHash }) => configurationHash);
    return {
      bracket: bracketOf((group[0] as Trial).index),
      competitors: [...byHash].map(([hash, trials]) => ({ hash, trials })),
    };
  });
}

/** Returns the mean over the trials of a configuration. */
export const meanOver = <Trial>({ trials }: Competitor<Trial>, of: (trial: Trial) => number): number =>
  trials.reduce((sum, trial) => sum + of(trial), 0) / trials.length;

const rising = (a: number, b: number) => a - b;
