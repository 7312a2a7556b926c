/** Runs of searchers on problems; those that are known are kept in a file. */
import type { Point } from '../../search/parameters.ts';
import { openLineStore } from './line-store.ts';
import type { Losses, Problem } from './problem.ts';
import type { Ended, Searcher } from './searchers.ts';

/** Numbers of trials after which the regret is taken. */
export const BUDGETS = [50, 100, 200] as const;

export interface Run {
  readonly problem: string;
  readonly searcher: string;
  /** Trials at a time. */
  readonly workers: number;
  readonly seed: number;
  /** After each of the budgets. */
  readonly regrets: readonly number[];
}

/** Searches with so many workers, of which each begins the next point when its own has ended. */
export async function search(problem: Problem, searcher: Searcher, workers: number, seed: number): Promise<number[]> {
  const study = await searcher(problem, seed);
  const { lossesOf, regretOf } = problem.createInstance(seed);
  const points: Point[] = [];
  const losses: (Losses | null)[] = [];
  for (let number = 0; number < Math.max(...BUDGETS); number++) {
    // All take the same time: the oldest ends first.
    const ended: Ended[] = number < workers ? [] : [{ number: number - workers, losses: losses[number - workers] ?? null }];
    const point = await study.next(ended);
    points.push(point);
    losses.push(lossesOf(point));
  }
  return BUDGETS.map((budget) => regretOf(losses.slice(0, budget).filter((one) => one !== null)));
}

const keyOf = ({ problem, searcher, workers, seed }: Omit<Run, 'regrets'>) => `${problem}/${searcher}/${workers}/${seed}`;

/** Returns a store of runs, in a file of JSON lines where one is named. */
export function createRunStore(file: string | undefined) {
  const store = openLineStore<Run>(file, keyOf, (line) => line as Run);
  return {
    /** Returns the regrets of a run, which `make` searches for where they are not known. */
    async find(key: Omit<Run, 'regrets'>, make: () => Promise<readonly number[]>): Promise<readonly number[]> {
      const known = store.find(keyOf(key));
      if (known) return known.regrets;
      const run = { ...key, regrets: await make() };
      store.add([run]);
      return run.regrets;
    },
  };
}
