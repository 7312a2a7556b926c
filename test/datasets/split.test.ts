import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ShardRows, type SplitSettings, splitRows, splitShards } from '../../datasets/split.ts';
import { SPLITS, type SplitName, type SplitRows } from '../../models/axes.ts';
import { shuffle, stream } from '../../models/random.ts';

const SHARES = { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' as const };

test('at random: every row once, in the given shares, equal for equal seeds', () => {
  const parts = splitRows(1000, SHARES, null);
  assert.deepEqual(
    SPLITS.map((split) => parts[split].length),
    [700, 150, 150],
  );
  assert.equal(new Set(SPLITS.flatMap((split) => [...parts[split]])).size, 1000);
  assert.deepEqual(splitRows(1000, SHARES, null), parts);
  assert.notDeepEqual(splitRows(1000, { ...SHARES, seed: 2 }, null).train, parts.train);
});

test('by group: every group in one part, shares close, whatever the order of rows', () => {
  const groups = Array.from({ length: 640 }, (_, row) => `snapshot ${row % 32}`);
  for (const seed of [1, 2, 3]) {
    const parts = splitRows(640, { ...SHARES, seed, by: 'group' }, groups);
    const sides = SPLITS.map((split) => new Set([...parts[split]].map((row) => groups[row])));
    assert.equal(
      sides.reduce((sum, side) => sum + side.size, 0),
      32,
    );
    assert.equal(new Set(sides.flatMap((side) => [...side])).size, 32);
    assert.ok(Math.abs(parts.train.length / 640 - 0.7) < 0.05);
  }
});

test('by group: the order of rows does not matter', () => {
  const groups = Array.from({ length: 60 }, (_, row) => `snapshot ${row % 12}`);
  const order = shuffle(Uint32Array.from(groups.keys()), 7, 'order');
  const parts = splitRows(60, { ...SHARES, by: 'group' }, groups);
  const moved = splitRows(
    60,
    { ...SHARES, by: 'group' },
    [...order].map((row) => groups[row] as string),
  );
  for (const split of SPLITS) {
    assert.deepEqual(
      new Set([...moved[split]].map((row) => groups[order[row] as number])),
      new Set([...parts[split]].map((row) => groups[row])),
    );
  }
});

test('for any rows, groups, shares and seed: every row once, ascending, every group in one part, close to the shares', () => {
  for (let trial = 0; trial < 60; trial++) {
    const { uniform } = stream(trial, 'split properties');
    const rows = 40 + Math.floor(400 * uniform());
    const count = 10 + Math.floor(20 * uniform());
    // Groups of uneven sizes.
    const groups = Array.from({ length: rows }, () => `g${Math.floor(count * uniform() ** 1.5)}`);
    const train = 0.4 + 0.3 * uniform();
    const validation = (1 - train) * (0.3 + 0.4 * uniform());
    for (const by of ['random', 'group'] as const) {
      const shares = { train, validation, test: 1 - train - validation, seed: trial, by };
      const parts = splitRows(rows, shares, groups);
      const all = SPLITS.flatMap((split) => [...parts[split]]);
      assert.deepEqual(
        Uint32Array.from(all).sort(),
        Uint32Array.from({ length: rows }, (_, row) => row),
      );
      const largest = Math.max(...Object.values(Object.groupBy(groups, (group) => group)).map((group) => group?.length ?? 0));
      for (const split of SPLITS) {
        assert.deepEqual(parts[split], parts[split].slice().sort());
        assert.ok(Math.abs(parts[split].length - shares[split] * rows) <= (by === 'group' ? largest : 1.01));
      }
      if (by === 'random') continue;
      const sides = SPLITS.map((split) => new Set([...parts[split]].map((row) => groups[row])));
      assert.equal(
        sides.reduce((sum, side) => sum + side.size, 0),
        new Set(groups).size,
      );
    }
  }
});

test('a split of given rows and seed never changes, as old results depend on it', () => {
  assert.deepEqual(splitRows(12, { ...SHARES, train: 0.5, validation: 0.25, test: 0.25 }, null), {
    train: Uint32Array.of(0, 1, 2, 4, 5, 10),
    validation: Uint32Array.of(3, 6, 7),
    test: Uint32Array.of(8, 9, 11),
  });
  const groups = Array.from({ length: 12 }, (_, row) => `g${row % 5}`);
  assert.deepEqual(splitRows(12, { ...SHARES, train: 0.5, validation: 0.25, test: 0.25, by: 'group' }, groups), {
    train: Uint32Array.of(2, 3, 4, 7, 8, 9),
    validation: Uint32Array.of(1, 6, 11),
    test: Uint32Array.of(0, 5, 10),
  });
});

test('three groups are enough for three parts, whatever the seed', () => {
  const groups = Array.from({ length: 90 }, (_, row) => (row < 80 ? 'large' : row < 85 ? 'b' : 'c'));
  for (let seed = 1; seed <= 10; seed++) {
    const parts = splitRows(90, { ...SHARES, seed, by: 'group' }, groups);
    assert.equal(parts.train.length, 80, 'and the large one trains');
  }
});

test('an empty part and missing groups are refused', () => {
  assert.throws(() => splitRows(3, SHARES, null), { code: 'spec-invalid', path: 'split.validation' });
  assert.throws(() => splitRows(100, { ...SHARES, by: 'group' }, null), { code: 'spec-invalid', path: 'split.by' });
  const two = Array.from({ length: 100 }, (_, row) => `g${row % 2}`);
  assert.throws(() => splitRows(100, { ...SHARES, by: 'group' }, two), { code: 'spec-invalid', path: 'split.test' });
});

test('by group along a series: every value is in each part, in the given shares', () => {
  // Ten pressures, eight snapshots each, ten rows each.
  const groups = Array.from({ length: 800 }, (_, row) => `snapshot ${Math.floor(row / 10)}`);
  const series = Array.from({ length: 800 }, (_, row) => String(10 * Math.floor(row / 80)));
  for (const seed of [1, 2, 3]) {
    const parts = splitRows(800, { ...SHARES, seed, by: 'group' }, groups, series);
    for (const split of SPLITS) {
      assert.equal(new Set([...parts[split]].map((row) => series[row])).size, 10, split);
      assert.ok(Math.abs(parts[split].length / 800 - SHARES[split]) < 0.02, `${split} ${parts[split].length}`);
    }
    const sides = SPLITS.map((split) => new Set([...parts[split]].map((row) => groups[row])));
    assert.equal(
      sides.reduce((sum, side) => sum + side.size, 0),
      80,
      'no group on two sides',
    );
  }
});

test('by group along a series: with a group of several values the series is ignored', () => {
  const groups = Array.from({ length: 120 }, (_, row) => `g${row % 12}`);
  const series = Array.from({ length: 120 }, (_, row) => String(row));
  assert.deepEqual(
    splitRows(120, { ...SHARES, by: 'group' }, groups, series),
    splitRows(120, { ...SHARES, by: 'group' }, groups),
  );
});

test('near-duplicates are in one part: at random that of the first, by group with all rows of their groups', () => {
  const ties = [
    [7, 3],
    [90, 3],
    [41, 40],
  ] as const;
  const before = splitRows(100, SHARES, null);
  const after = splitRows(100, SHARES, null, null, ties);
  const sideIn = (parts: typeof before) => (row: number) => SPLITS.find((split) => parts[split].includes(row));
  for (let row = 0; row < 100; row++) {
    const leader = row === 7 || row === 90 ? 3 : row === 41 ? 40 : row;
    assert.equal(sideIn(after)(row), sideIn(before)(leader), `row ${row}`);
  }
  const groups = Array.from({ length: 240 }, (_, row) => `g${Math.floor(row / 10)}`);
  for (let seed = 1; seed <= 10; seed++) {
    // Between groups 0 and 9, and 9 and 5.
    const parts = splitRows(240, { ...SHARES, seed, by: 'group' }, groups, null, [
      [95, 4],
      [99, 51],
    ]);
    const sides = SPLITS.map((split) => new Set([...parts[split]].map((row) => groups[row])));
    assert.equal(sides.filter((side) => side.has('g0') || side.has('g9') || side.has('g5')).length, 1, `seed ${seed}`);
    assert.equal(
      sides.reduce((sum, side) => sum + side.size, 0),
      24,
      'no group on two sides',
    );
  }
});

const SHARD_SETTINGS: SplitSettings = { train: 0.6, validation: 0.2, test: 0.2, seed: 3, by: 'random' };

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

test('existing rows stay in their part, whatever is added', () => {
  const before = splitRows(100, SHARD_SETTINGS, null);
  const once = splitShards([shard('a', 100), shard('b', 50)], SHARD_SETTINGS);
  const twice = splitShards([shard('a', 100), shard('b', 50), shard('c', 7)], SHARD_SETTINGS);
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
  const parts = splitShards(shards, SHARD_SETTINGS);
  const shares = SPLITS.map((split) => parts[split].filter((row) => row >= 10).length / 600);
  [0.6, 0.2, 0.2].forEach((wanted, i) => {
    assert.ok(Math.abs((shares[i] as number) - wanted) < 0.06, JSON.stringify(shares));
  });
});

test('a near-duplicate follows an earlier row; with several parts to follow it is left out', () => {
  const side = sideOf(splitRows(100, SHARD_SETTINGS, null));
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
  const parts = splitShards([shard('a', 100), shard('b', 40, { nearDuplicates: ties })], SHARD_SETTINGS);
  const now = sideOf(parts);
  assert.deepEqual([now(100), now(101), now(102)], ['test', 'train', undefined]);
  assert.equal(now(104), now(103), 'tied within the shard');
  const later = sideOf(
    splitShards(
      [shard('a', 100), shard('b', 40, { nearDuplicates: ties }), shard('c', 3, { nearDuplicates: [[1, 100]] })],
      SHARD_SETTINGS,
    ),
  );
  assert.equal(later(141), 'test', 'tied to a row that was tied');
});

test('by group: an existing group stays in its part, new groups are assigned', () => {
  const shares: SplitSettings = { ...SHARD_SETTINGS, by: 'group' };
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

test('a single shard is split as by splitRows', () => {
  assert.deepEqual(splitShards([shard('a', 50)], SHARD_SETTINGS), splitRows(50, SHARD_SETTINGS, null));
});
