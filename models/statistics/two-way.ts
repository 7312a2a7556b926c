/**
 * Intervals of a score over two crossed sources of error, seeds and test units (rows, or groups of
 * them). The score is a ratio of sums: covered variance is sum(spread - error) / sum(spread), and
 * a paired difference of two is sum(error of b - error of a) / sum(spread).
 */
import { meanOf } from '../vectors.ts';
import { influences, meanReach, ratioOf, ratioReach, SMALL, studentMeanReach } from './ratio.ts';
import { combineReaches, type Reach, scaleReach, widerReach } from './reach.ts';

export interface Crossed {
  /** Numerators of each seed, summed by unit, [S][U]. */
  readonly numerators: readonly Float64Array[];
  /** [U] */
  readonly denominators: Float64Array;
  /** Stratum of each unit, [U]. */
  readonly strata: Int32Array | null;
}

export interface TwoWay {
  readonly mean: number;
  /** Over seeds and units together; null where neither has a spread. */
  readonly reach: Reach | null;
  /** Over seeds alone, on these units; null for one seed. */
  readonly seeds: Reach | null;
  /** Over units alone, with these seeds; null for one unit. */
  readonly units: Reach | null;
}

/**
 * Returns the mean of the score over seeds with its reaches. The variance of the mean is V_seeds +
 * V_units - V_both, of the means by seed, the means by unit, and their interaction (Owen 2007,
 * doi:10.1214/07-AOAS122), which either of the first two includes: it is taken off the seeds' part.
 */
export function twoWay({ numerators, denominators, strata }: Crossed): TwoWay {
  const scores = Float64Array.from(numerators, (own) => ratioOf({ numerators: own, denominators }));
  const units = ratioReach({ numerators: averageOf(numerators), denominators, strata });
  const shared = units === null ? 0 : interactionShare(numerators, denominators, scores);
  return { mean: meanOf(scores), reach: seedsReach(scores, shared, units), seeds: studentMeanReach(scores), units };
}

/**
 * Returns the reach over seeds, and over an independent source of error: bootstrap-t of the seeds,
 * less the share of their variance that the other source has as well, and at least Student's t. Of
 * fewer than five seeds that share is too uncertain to make the whole narrower than t.
 */
export function seedsReach(scores: Float64Array, shared: number, other: Reach | null): Reach | null {
  const [student, skewed] = [studentMeanReach(scores), meanReach(scores)];
  if (student === null || skewed === null) return other;
  const factor = Math.sqrt(1 - shared);
  const own = scaleReach(skewed, factor);
  const least = scores.length < SMALL ? student : scaleReach(student, factor);
  return widerReach(least, other === null ? own : combineReaches(own, other));
}

/** Returns V_both / V_seeds, between 0 and 1. */
function interactionShare(numerators: readonly Float64Array[], denominators: Float64Array, scores: Float64Array): number {
  const U = denominators.length;
  if (U < 2) return 0;
  const mean = meanOf(scores);
  const scale = meanOf(denominators);
  const byUnit = influences({ numerators: averageOf(numerators), denominators });
  let [between, both] = [0, 0];
  for (const [s, own] of numerators.entries()) {
    const score = scores[s] as number;
    between += (score - mean) ** 2;
    for (let u = 0; u < U; u++) {
      const influence = ((own[u] as number) - mean * (denominators[u] as number)) / scale;
      both += (influence - (byUnit[u] as number) - (score - mean)) ** 2;
    }
  }
  return between > 0 ? Math.min(1, both / (U * (U - 1)) / between) : 0;
}

function averageOf(rows: readonly Float64Array[]): Float64Array {
  const average = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows)
    for (let i = 0; i < row.length; i++) average[i] = (average[i] as number) + (row[i] as number) / rows.length;
  return average;
}
