/** Seeds whose training ended in another optimum than that of the rest. */
import { studentQuantile } from '../statistics/student-t.ts';
import { meanOf, varianceOf } from '../vectors.ts';

/** Fewer scores have no rest to compare with. */
const FEWEST = 5;
/** Smaller differences do not matter, however regular the rest. */
const LEAST_GAP = 0.01;
/** Probability at each end that a further score of the rest is as far away. */
const TAIL = 0.0005;
/** Skewed scores are far from their mean as well, but without so wide a gap, in deviations. */
const WIDE_GAP = 6;

/**
 * Returns the positions of the scores that are in another optimum: at most a third of them, on one
 * side of a wide gap, outside the interval that holds a further score of the rest with 99.9 %.
 */
export function findOtherOptimum(scores: readonly number[]): number[] {
  if (scores.length < FEWEST) return [];
  const order = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number));
  const gaps = order.slice(1).map((i, rank) => (scores[i] as number) - (scores[order[rank] as number] as number));
  const gap = Math.max(...gaps);
  const cut = gaps.indexOf(gap) + 1;
  const sides = [order.slice(0, cut), order.slice(cut)].sort((a, b) => a.length - b.length);
  const [few, rest] = sides as [number[], number[]];
  if (few.length > scores.length / 3 || gap < LEAST_GAP) return [];
  const values = Float64Array.from(rest, (i) => scores[i] as number);
  const count = values.length;
  const deviation = Math.sqrt((varianceOf(values) * count) / (count - 1));
  if (gap < WIDE_GAP * deviation) return [];
  const reach = studentQuantile(TAIL, count - 1) * deviation * Math.sqrt(1 + 1 / count);
  const isFar = few.every((i) => Math.abs((scores[i] as number) - meanOf(values)) > reach);
  return isFar ? few.sort((a, b) => a - b) : [];
}
