import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ShardRows, type SplitSettings, splitRows, splitShards } from '../../datasets/split.ts';
import { SPLITS, type SplitName, type SplitRows } from '../../models/axes.ts';

const SHARES: SplitSettings = { train: 0.6, validation: 0.2, test: 0.2, seed: 3, by: 'random' };

const shard = (version: string, rows: number, more: Partial<ShardRows> = {}): ShardRows => ({
  version,
  rows,
  groups: null,
  series: null,
  nearDuplicates: [],
  ...more,
});

function sideOf(parts: SplitRows): (row: number) => SplitName | undefined {
  return (row) => SPLITS.find((split) => parts[split].includes(row));
}

test('rows that were there stay where they were, whatever comes after them', () => {
  const before = splitRows(100, SHARES, null);
  const once = splitShards([shard('a', 100), shard('b', 50)], SHARES);
  const twice = splitShards([shard('a', 100), shard('b', 50), shard('c', 7)], SHARES);
  for (const split of SPLITS) {
    assert.deepEqual(
      once[split].filter((row) => row < 100),
      before[split],
    );
    assert.deepEqual(
      twice[split].filter((row) => row < 150),
      once[split],
    );
  }
  assert.deepEqual(
    SPLITS.map((split) => once[split].filter((row) => row >= 100).length),
    [30, 10, 10],
  );
  assert.equal(
    SPLITS.reduce((sum, split) => sum + twice[split].length, 0),
    157,
  );
});

test('many shards of one row get the shares of one large shard', () => {
  const shards = [shard('a', 10), ...Array.from({ length: 600 }, (_, i) => shard(`row ${i}`, 1))];
  const parts = splitShards(shards, SHARES);
  const shares = SPLITS.map((split) => parts[split].filter((row) => row >= 10).length / 600);
  [0.6, 0.2, 0.2].forEach((wanted, i) => {
    assert.ok(Math.abs((shares[i] as number) - wanted) < 0.06, JSON.stringify(shares));
  });
});

test('a row that is tied to an earlier one follows it; tied to two sides, it is left out', () => {
  const side = sideOf(splitRows(100, SHARES, null));
  const [inTest, inTrain] = ['test', 'train'].map(
    (split) => Array.from({ length: 100 }, (_, row) => row).find((row) => side(row) === split) as number,
  );
  const ties = [
    [0, inTest as number],
    [1, inTrain as number],
    [2, inTest as number],
    [2, inTrain as number],
    [4, 103],
  ] as const;
  const parts = splitShards([shard('a', 100), shard('b', 40, { nearDuplicates: ties })], SHARES);
  const now = sideOf(parts);
  assert.deepEqual([now(100), now(101), now(102)], ['test', 'train', undefined]);
  assert.equal(now(104), now(103), 'tied within the shard');
  const later = sideOf(
    splitShards(
      [shard('a', 100), shard('b', 40, { nearDuplicates: ties }), shard('c', 3, { nearDuplicates: [[1, 100]] })],
      SHARES,
    ),
  );
  assert.equal(later(141), 'test', 'tied to a row that was tied');
});

test('by group: a group stays on the side where it began, new groups are dealt', () => {
  const shares: SplitSettings = { ...SHARES, by: 'group' };
  const groups = Array.from({ length: 60 }, (_, row) => `g${row % 12}`);
  const first = sideOf(splitRows(60, shares, groups));
  const more = ['g0', 'g5', ...Array.from({ length: 40 }, (_, row) => `h${row % 10}`)];
  const parts = splitShards([shard('a', 60, { groups }), shard('b', 42, { groups: more })], shares);
  const side = sideOf(parts);
  assert.deepEqual([side(60), side(61)], [first(0), first(5)]);
  for (let group = 0; group < 10; group++) {
    const sides = new Set(Array.from({ length: 4 }, (_, i) => side(62 + group + 10 * i)));
    assert.equal(sides.size, 1, `h${group} on ${[...sides].join(' and ')}`);
  }
});

test('the first shard alone is split as it always was', () => {
  assert.deepEqual(splitShards([shard('a', 50)], SHARES), splitRows(50, SHARES, null));
});
