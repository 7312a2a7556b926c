/** Compares regrets over seeds: each is paired with the other searcher's of the same seed. */
import { BUDGETS } from './runs.ts';
import { testSignedRanks } from './wilcoxon.ts';

/** Least losses of a searcher on a problem, by seed, then by budget. */
export type Regrets = readonly (readonly number[])[];

const LEVEL = 0.05;

export type Verdict = 'better' | 'even' | 'worse';

/** Returns how the regrets after each of the budgets compare with the others. */
export const compareRegrets = (own: Regrets, others: Regrets): readonly Verdict[] =>
  BUDGETS.map((_, budget) => {
    const differences = own.map((run, i) => (run[budget] as number) - (others[i]?.[budget] as number));
    const { sum, p } = testSignedRanks(differences);
    if (p >= LEVEL) return 'even';
    return sum < 0 ? 'better' : 'worse';
  });

/** Returns on how many problems nothing is worse, and on how many the last budget is better too. */
export const countVerdicts = (verdicts: readonly (readonly Verdict[])[]) => {
  const notWorse = verdicts.filter((of) => !of.includes('worse'));
  return { notWorse: notWorse.length, better: notWorse.filter((of) => of.at(-1) === 'better').length };
};
