/** How the best score of a search rises with the configurations that it has tried. */

/** A score of configuration number `number`, counted from 1. */
export interface NumberedScore {
  readonly number: number;
  readonly score: number;
}

/** Returns the scores, in the order of their numbers, that are higher than all before them. */
export function findImprovements<Score extends NumberedScore>(scores: readonly Score[]): Score[] {
  let best = Number.NEGATIVE_INFINITY;
  return scores.filter(({ score }) => {
    const isBetter = score > best;
    if (isBetter) best = score;
    return isBetter;
  });
}

/**
 * Returns the expected highest of the first so many scores in random order, for each of these
 * counts, 1 to scores.length: the i-th lowest of n is the highest of m with probability
 * C(i-1, m-1) / C(n, m).
 */
export function expectedBest(scores: readonly number[], counts: readonly number[]): number[] {
  const falling = [...scores].sort((a, b) => b - a);
  return counts.map((count) => {
    let probability = count / falling.length;
    let expected = 0;
    for (const [place, score] of falling.entries()) {
      expected += probability * score;
      const left = falling.length - 1 - place;
      probability *= left === 0 ? 0 : (left + 1 - count) / left;
      // All others are among the first `count` with a lower one.
      if (probability <= 0) break;
    }
    return expected;
  });
}
