import type { Observation } from '../proposer.ts';

/** Upper quartiles below the median at which a score is as bad as any. */
const DEPTH = 3;

/**
 * Returns the scores with mean 0 and variance 1, [observations]; null where they do not tell points
 * apart. How bad the bad ones are does not matter, and would be most of the variance: scores far
 * below the median, in units of the distance from it to the upper quartile, are raised to a floor.
 * Points without a score have the lowest.
 */
export function standardiseScores(observations: readonly Observation[]): Float64Array | null {
  const scores = observations.map(({ score }) => (Number.isFinite(score) ? (score as number) : null));
  const sorted = scores.filter((score) => score !== null).sort((a, b) => a - b);
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (lowest === undefined || highest === undefined) return null;
  const isComplete = sorted.length === scores.length;
  if (lowest === highest) return isComplete ? null : standardise(scores.map((score) => (score === null ? -1 : 0)));
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const median = at(0.5);
  // Many scores may be equal.
  const spread = [at(0.75), highest].map((upper) => upper - median).find((distance) => distance > 0) ?? median - lowest;
  const floor = Math.max(lowest, median - DEPTH * spread);
  return standardise(scores.map((score) => Math.max(floor, score ?? floor)));
}

function standardise(scores: readonly number[]): Float64Array {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
  return Float64Array.from(scores, (score) => (score - mean) / deviation);
}
