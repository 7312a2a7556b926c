/**
 * Choice of the rows of two samples that are compared, where all would take too long. Both samples
 * are thinned by the same rule: groups whose rows are thinned differently are not exchangeable.
 */
import { shuffle } from '../random.ts';

/** Numbers of rows of either sample, ascending. */
export type ChosenRows = readonly [Uint32Array, Uint32Array];

/**
 * Groups of the larger sample for each of the smaller one that are preferred to more rows of each
 * group: more of them would reduce the variance of a difference of means by a fifth at most.
 */
const GROUPS_FOR_EACH = 4;

/**
 * Returns at most `most` rows of either sample, at random, by the group of each row: at most the
 * same number of each group, of as many groups as that leaves room for.
 */
export function thinRows(samples: readonly [Int32Array, Int32Array], most: number, seed: number): ChosenRows {
  const [a, b] = [shuffleGroups(samples[0], seed, 'reference'), shuffleGroups(samples[1], seed, 'fresh')];
  const preferred = GROUPS_FOR_EACH * Math.min(a.length, b.length);
  const largest = [...a, ...b].reduce((most, { length }) => Math.max(most, length), 0);
  const fits = (rowsPerGroup: number) => [a, b].every((groups) => countRows(groups.slice(0, preferred), rowsPerGroup) <= most);
  let rowsPerGroup = 1;
  while (rowsPerGroup < largest && fits(rowsPerGroup + 1)) rowsPerGroup += 1;
  return [takeRows(a, rowsPerGroup, most), takeRows(b, rowsPerGroup, most)];
}

const countRows = (groups: readonly Uint32Array[], rowsPerGroup: number): number =>
  groups.reduce((sum, { length }) => sum + Math.min(length, rowsPerGroup), 0);

/** Returns the rows of each group, both in an order drawn at an address. */
function shuffleGroups(groupOf: Int32Array, seed: number, name: string): Uint32Array[] {
  const groups = [...Map.groupBy(groupOf.keys(), (row) => groupOf[row] as number).values()];
  const order = shuffle(Uint32Array.from(groups.keys()), seed, name);
  return Array.from(order, (group) => shuffle(Uint32Array.from(groups[group] as number[]), seed, `${name} rows`, group));
}

function takeRows(groups: readonly Uint32Array[], rowsPerGroup: number, most: number): Uint32Array {
  const taken: number[] = [];
  for (const group of groups) {
    const rows = group.subarray(0, rowsPerGroup);
    if (taken.length + rows.length > most) break;
    taken.push(...rows);
  }
  return Uint32Array.from(taken).sort();
}
