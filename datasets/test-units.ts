/** Units and strata of test rows, by which their errors are resampled. */
import type { TestRows } from '../models/evaluation/test-errors.ts';
import { joinShards, listStrata } from './folds.ts';
import type { ShardRows, SplitSettings } from './split.ts';
import { listUnits, mergeUnits, type Unit } from './split-units.ts';

/**
 * Returns the unit of each test row, numbered from 0 in their order: near-duplicates, and by group
 * the rows of a group, are one unit, since a split never separates them. Strata are the values of
 * the series where the split is stratified by it: into folds, and by group without appended rows.
 */
export function testUnits(
  shards: readonly ShardRows[],
  { by, folds }: Pick<SplitSettings, 'by' | 'folds'>,
  test: Uint32Array,
): Pick<TestRows, 'units' | 'strata'> {
  const { rows, groups, series, nearDuplicates } = joinShards(shards);
  const units = mergeUnits(listUnits(rows, groups, by), nearDuplicates);
  const unitOf = memberOf(
    units.map((unit) => unit.rows),
    rows,
  );
  const stratified =
    series !== null && (folds !== undefined || (by === 'group' && shards.length === 1 && areUniform(units, series)));
  const stratumOf = stratified ? memberOf(listStrata(units, series), units.length) : null;
  return {
    units: numbered(test, (row) => unitOf[row] as number),
    strata: stratumOf && numbered(test, (row) => stratumOf[unitOf[row] as number] as number),
  };
}

/** Returns the position of the list that each number is in, [count]. */
function memberOf(lists: readonly (readonly number[])[], count: number): Int32Array {
  const found = new Int32Array(count);
  for (const [position, list] of lists.entries()) for (const number of list) found[number] = position;
  return found;
}

/** Whether all rows of each unit have the same value: otherwise groups are not stratified. */
const areUniform = (units: readonly Unit[], values: readonly string[]): boolean =>
  units.every(({ rows }) => rows.every((row) => values[row] === values[rows[0] ?? row]));

/** Numbers keys from 0, in the order of the rows. */
function numbered(rows: Uint32Array, keyOf: (row: number) => number): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(rows, (row) => {
    const key = keyOf(row);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
