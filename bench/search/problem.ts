import { hypervolume } from '../../models/evaluation/pareto.ts';
import type { Dimensions, Point } from '../../search/parameters.ts';

/** Values of a point that are to be minimised; the first is what training tells of it. */
export type Losses = readonly number[];

/** A problem of bench/search.ts: a space, and an instance of it for each seed. */
export interface Problem {
  readonly name: string;
  readonly space: Dimensions;
  /** Number of losses of a point. */
  readonly objectives: number;
  createInstance(seed: number): ProblemInstance;
}

export interface ProblemInstance {
  /** Returns the losses of a point; null: it diverged. */
  lossesOf(point: Point): Losses | null;
  /** Returns the regret of a search that found these: 0 is the least. */
  regretOf(found: readonly Losses[]): number;
}

/** A problem with one loss, whose least is 0. */
interface LossProblem extends Pick<Problem, 'name' | 'space'> {
  createLoss(seed: number): (point: Point) => number | null;
}

export const minimising = ({ name, space, createLoss }: LossProblem): Problem => ({
  ...{ name, space, objectives: 1 },
  createInstance(seed) {
    const lossOf = createLoss(seed);
    return {
      lossesOf(point) {
        const loss = lossOf(point);
        return loss === null ? null : [loss];
      },
      regretOf: (found) => Math.min(...found.map(([loss]) => loss as number)),
    };
  },
});

/** A problem with several losses, whose front is known. */
interface FrontProblem extends Pick<Problem, 'name' | 'space'> {
  createFront(seed: number): {
    readonly lossesOf: ProblemInstance['lossesOf'];
    /** Losses of the points of the front, or of so many that others add little. */
    readonly front: readonly Losses[];
    /** No point of the front is worse than it. */
    readonly reference: Losses;
  };
}

/** The regret is the share of the hypervolume of the front that is missing. */
export const weighing = ({ name, space, createFront }: FrontProblem): Problem => ({
  ...{ name, space, objectives: 2 },
  createInstance(seed) {
    const { lossesOf, front, reference } = createFront(seed);
    const volumeOf = (found: readonly Losses[]) =>
      hypervolume(found.map((losses) => reference.map((worst, i) => worst - (losses[i] as number))));
    const best = volumeOf(front);
    return { lossesOf, regretOf: (found) => 1 - volumeOf(found) / best };
  },
});
