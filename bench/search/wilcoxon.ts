/** Returns the ranks of the values, from 1; equal values share the mean of their ranks. */
const rank = (values: readonly number[]): number[] =>
  values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });

export interface SignedRanks {
  /** Sum of the ranks of positive differences minus that of negative ones. */
  readonly sum: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Tests by Wilcoxon's signed ranks (1945, doi:10.2307/3001968) that paired differences are
 * symmetric around 0, exactly for the ranks at hand. Differences of 0 are left out.
 */
export function testSignedRanks(differences: readonly number[]): SignedRanks {
  const nonzero = differences.filter((one) => one !== 0);
  // Twice the ranks, which are whole numbers.
  const ranks = rank(nonzero.map(Math.abs)).map((one) => 2 * one);
  const total = ranks.reduce((sum, one) => sum + one, 0);
  const positive = ranks.reduce((sum, one, i) => sum + ((nonzero[i] as number) > 0 ? one : 0), 0);
  // counts[s]: number of assignments of signs whose positive ranks sum to s.
  const counts = new Float64Array(total + 1);
  counts[0] = 1;
  for (const one of ranks) for (let s = total; s >= one; s--) counts[s] = (counts[s] as number) + (counts[s - one] as number);
  const tail = counts.subarray(0, Math.min(positive, total - positive) + 1).reduce((sum, one) => sum + one, 0);
  return { sum: positive - total / 2, p: Math.min(1, (2 * tail) / 2 ** ranks.length) };
}
