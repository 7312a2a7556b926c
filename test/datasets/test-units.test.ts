import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShardRows } from '../../datasets/split.ts';
import { testUnits } from '../../datasets/test-units.ts';

const shard = (changes: Partial<ShardRows>): ShardRows => ({
  version: 'v',
  rows: 6,
  groups: ['a', 'a', 'b', 'b', 'c', 'c'],
  series: ['1', '1', '2', '2', '1', '1'],
  nearDuplicates: [],
  ...changes,
});
const unitsOf = (shards: readonly ShardRows[], by: 'random' | 'group', test: readonly number[], folds?: number) => {
  const { units, strata } = testUnits(shards, { by, ...(folds && { folds }) }, Uint32Array.from(test));
  return { units: [...units], strata: strata && [...strata] };
};

test('by group, units are groups, and strata the values of the series', () => {
  assert.deepEqual(unitsOf([shard({})], 'group', [2, 3, 4, 5]), { units: [0, 0, 1, 1], strata: [0, 0, 1, 1] });
  assert.deepEqual(unitsOf([shard({ series: null })], 'group', [0, 4, 5]), { units: [0, 1, 1], strata: null });
});

test('there are no strata where a group has several values, as the split has none', () => {
  const mixed = shard({ series: ['1', '2', '2', '2', '1', '1'] });
  assert.equal(unitsOf([mixed], 'group', [2, 3, 4, 5]).strata, null);
  // Near-duplicates join groups of different values.
  assert.equal(unitsOf([shard({ nearDuplicates: [[2, 0]] })], 'group', [4, 5]).strata, null);
});

test('at random, every row is a unit but for near-duplicates, and there are no strata', () => {
  const rows = shard({ nearDuplicates: [[4, 1]] });
  assert.deepEqual(unitsOf([rows], 'random', [1, 2, 3, 4]), { units: [0, 1, 2, 0], strata: null });
});

test('folds are stratified by the series: rows, appended ones, and groups of several values as strata of their own', () => {
  assert.deepEqual(unitsOf([shard({})], 'random', [0, 2, 3, 4], 3).strata, [0, 1, 1, 0]);
  const mixed = shard({ series: ['1', '2', '2', '2', '1', '1'] });
  assert.deepEqual(unitsOf([mixed], 'group', [0, 1, 2, 4], 3).strata, [0, 0, 1, 2]);
  const second = shard({ rows: 1, groups: ['a'], series: ['2'] });
  assert.deepEqual(unitsOf([shard({}), second], 'random', [0, 6], 3).strata, [0, 1]);
});

test('rows that were appended belong to groups and near-duplicates of earlier ones', () => {
  const second = shard({ rows: 2, groups: ['b', 'd'], series: ['2', '2'], nearDuplicates: [[1, 5]] });
  assert.deepEqual(unitsOf([shard({}), second], 'group', [2, 5, 6, 7]), { units: [0, 1, 0, 1], strata: null });
});
