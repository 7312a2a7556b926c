/** Units and strata of test rows, by which their errors are resampled. */
import type { TestRows } from '../models/evaluation/test-errors.ts';
import { createDisjointSets, type DisjointSets } from './near-duplicates/disjoint-sets.ts';
import type { ShardRows, SplitSettings } from './split.ts';

/**
 * Returns the unit of each test row, numbered from 0 in their order: near-duplicates, and by group
 * the rows of a group, are one unit, since a split never separates them. Strata are the values of
 * the series where the split is stratified by it.
 */
export function testUnits(
  shards: readonly ShardRows[],
  { by }: Pick<SplitSettings, 'by'>,
  test: Uint32Array,
): Pick<TestRows, 'units' | 'strata'> {
  const sets = joinRows(shards, by);
  const [{ series }] = shards as readonly [ShardRows, ...ShardRows[]];
  // Appended shards are not stratified.
  const stratified = by === 'group' && series !== null && shards.length === 1 && isConstantWithin(sets, series);
  return {
    units: numbered(test, (row) => sets.find(row)),
    strata: stratified ? numbered(test, (row) => series[row] ?? '') : null,
  };
}

/** Returns the sets of rows that a split never separates. */
function joinRows(shards: readonly ShardRows[], by: SplitSettings['by']): DisjointSets {
  const sets = createDisjointSets(shards.reduce((sum, { rows }) => sum + rows, 0));
  const firstOfGroup = new Map<string, number>();
  let from = 0;
  for (const { rows, groups, nearDuplicates } of shards) {
    for (const [row, group] of (by === 'group' && groups ? groups : []).entries()) {
      const first = firstOfGroup.get(group) ?? from + row;
      firstOfGroup.set(group, first);
      sets.union(first, from + row);
    }
    for (const [row, earlier] of nearDuplicates) sets.union(from + row, earlier);
    from += rows;
  }
  return sets;
}

/** Whether all rows of a set have the same value, without which a split is not stratified. */
const isConstantWithin = (sets: DisjointSets, values: readonly string[]): boolean =>
  values.every((value, row) => values[sets.find(row)] === value);

/** Numbers keys from 0, in the order of the rows. */
function numbered(rows: Uint32Array, keyOf: (row: number) => number | string): Int32Array {
  const numbers = new Map<number | string, number>();
  return Int32Array.from(rows, (row) => {
    const key = keyOf(row);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
