/** Probabilities of several tests from the same permutations. */
import { meanOf, varianceOf } from '../vectors.ts';

/** Statistic of a test as observed, then in each permutation; large ones speak against it. */
export type PermutedStatistic = Float64Array;

/** Equal statistics can differ in their last digits. */
const TOLERANCE = 1e-12;

/** Returns the share of statistics, the observed one included, that are at least `least`. */
export const shareFrom = (statistics: PermutedStatistic, least: number): number =>
  statistics.reduce((count, value) => count + (value >= least - TOLERANCE ? 1 : 0), 0) / statistics.length;

/** Returns the values in units of their deviation; 0 where they do not vary. */
export function standardised(statistics: PermutedStatistic): PermutedStatistic {
  const [mean, deviation] = [meanOf(statistics), Math.sqrt(varianceOf(statistics))];
  return statistics.map((value) => (deviation > TOLERANCE ? (value - mean) / deviation : 0));
}

/**
 * Returns probabilities adjusted for the number of tests by the smallest probability in each
 * permutation, step by step (step-down minP: Westfall and Young 1993; Ge, Dudoit and Speed 2003,
 * doi:10.1007/BF02595811). Unlike Holm's they use that the tests are dependent.
 */
export function adjustByPermutations(tests: readonly PermutedStatistic[]): number[] {
  const probabilities = tests.map(probabilitiesOf);
  const observed = probabilities.map((own) => own[0] as number);
  const order = [...tests.keys()].sort((a, b) => (observed[a] as number) - (observed[b] as number));
  const adjusted = new Array<number>(tests.length).fill(1);
  const smallest = new Float64Array(tests[0]?.length ?? 0).fill(1);
  // From the largest probability on: each is compared with the smallest of those from it on.
  for (const test of order.toReversed()) {
    for (const [i, value] of (probabilities[test] as Float64Array).entries())
      smallest[i] = Math.min(smallest[i] as number, value);
    const limit = (observed[test] as number) + TOLERANCE;
    adjusted[test] = smallest.reduce((count, value) => count + (value <= limit ? 1 : 0), 0) / smallest.length;
  }
  let least = 0;
  for (const test of order) {
    least = Math.max(least, adjusted[test] as number);
    adjusted[test] = least;
  }
  return adjusted;
}

/** Returns for each permutation the share of permutations with at least its statistic. */
function probabilitiesOf(statistics: PermutedStatistic): Float64Array {
  const rising = statistics.toSorted();
  const count = rising.length;
  return statistics.map((value) => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rising[middle] as number) < value - TOLERANCE) low = middle + 1;
      else high = middle;
    }
    return (count - low) / count;
  });
}
