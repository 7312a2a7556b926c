import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeGroups, independentRows, pickGroups, restrictTo } from '../../../models/drift/exchange.ts';

/** Groups of two rows each, with a condition for each group. */
const groupsOf = (conditions: readonly number[], first = 0) => ({
  units: Int32Array.from({ length: 2 * conditions.length }, (_, row) => first + Math.floor(row / 2)),
  strata: Int32Array.from({ length: 2 * conditions.length }, (_, row) => conditions[Math.floor(row / 2)] as number),
});

const drawsOf = ({ draw }: ReturnType<typeof exchangeGroups>) =>
  Array.from({ length: 200 }, (_, permutation) => [...draw(permutation)].sort((a, b) => a - b));

test('independent rows are units of their own; a permutation keeps the sizes of the samples', () => {
  const exchange = exchangeGroups([independentRows(3), independentRows(2)], 1, 'rows');
  assert.deepEqual([exchange.units, exchange.first, [...exchange.unitOf]], [5, 3, [0, 1, 2, 3, 4]]);
  assert.ok(drawsOf(exchange).every((units) => new Set(units).size === 2));
});

test('whole groups are permuted, and a group of both samples is a unit of each', () => {
  const exchange = exchangeGroups([groupsOf([0, 0, 0]), groupsOf([0, 0], 2)], 1, 'groups');
  assert.deepEqual([exchange.units, exchange.first, [...exchange.unitOf]], [5, 3, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]]);
  assert.equal(new Set(drawsOf(exchange).map(String)).size, 10, 'all pairs of five units');
});

test('labels are permuted within conditions that both samples have in the same shares', () => {
  const balanced = exchangeGroups([groupsOf([0, 1, 0, 1]), groupsOf([1, 0], 4)], 1, 'groups');
  const conditions = [0, 1, 0, 1, 1, 0];
  for (const units of drawsOf(balanced)) {
    assert.deepEqual(units.map((unit) => conditions[unit]).sort(), [0, 1]);
  }
  assert.equal(new Set(drawsOf(balanced).map(String)).size, 9);
});

test('a condition that only one sample has is part of what is tested', () => {
  const unbalanced = exchangeGroups([groupsOf([0, 1, 0, 1]), groupsOf([2, 2], 4)], 1, 'groups');
  assert.equal(new Set(drawsOf(unbalanced).map(String)).size, 15);
});

test('conditions that vary within a group are not strata', () => {
  const mixed = { ...groupsOf([0, 1]), strata: Int32Array.of(0, 1, 1, 0) };
  assert.equal(new Set(drawsOf(exchangeGroups([mixed, groupsOf([0, 1], 2)], 1, 'groups')).map(String)).size, 6);
});

test('rows are picked with their groups and conditions', () => {
  assert.deepEqual(pickGroups(groupsOf([5, 6]), Uint32Array.of(3, 0)), {
    units: Int32Array.of(1, 0),
    strata: Int32Array.of(6, 5),
  });
});

test('a subset has the permutations of all, and either keeps the sizes of its samples', () => {
  const subset = [Uint32Array.of(5, 0), Uint32Array.of(2, 4)] as const;
  const whole = exchangeGroups([groupsOf([0, 1, 0, 1]), groupsOf([1, 0, 0, 1], 4)], 1, 'groups', subset);
  const some = restrictTo(whole, subset, 8);
  assert.deepEqual([some.units, some.first, [...some.unitOf]], [4, 2, [1, 0, 2, 3]]);
  const left = [0, 2, 5, 6];
  for (let permutation = 0; permutation < 50; permutation++) {
    const units = [...whole.draw(permutation)];
    const ofSubset = units.filter((unit) => left.includes(unit));
    assert.deepEqual(
      [...some.draw(permutation)],
      ofSubset.map((unit) => left.indexOf(unit)),
    );
    assert.deepEqual([units.length, ofSubset.length], [4, 2]);
  }
});
