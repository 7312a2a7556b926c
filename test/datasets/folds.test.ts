import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitFold } from '../../datasets/folds.ts';
import { partitionRows } from '../../datasets/pack-data.ts';
import { type ShardRows, splitRows } from '../../datasets/split.ts';
import { SPLITS, type SplitRows } from '../../models/axes.ts';
import { shuffle, stream } from '../../models/random.ts';

const SETTINGS = { train: 0.64, validation: 0.16, test: 0.2, seed: 1, by: 'random', folds: 5 } as const;

const shardOf = (rows: number, changes: Partial<ShardRows> = {}): ShardRows => ({
  version: 'first',
  rows,
  groups: null,
  series: null,
  nearDuplicates: [],
  ...changes,
});

const foldsOf = (shards: readonly ShardRows[], settings: Parameters<typeof splitFold>[1]): SplitRows[] =>
  Array.from({ length: settings.folds }, (_, fold) => splitFold(shards, settings, fold));

const sorted = (rows: Iterable<number>) => Uint32Array.from(rows).sort();
const everyRow = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

/** Asserts that each fold has every row once, and that every row is tested in one fold. */
function assertPartitions(folds: readonly SplitRows[], rows: number): void {
  for (const parts of folds) {
    assert.deepEqual(sorted(SPLITS.flatMap((split) => [...parts[split]])), everyRow(rows));
    for (const split of SPLITS) assert.deepEqual(parts[split], parts[split].slice().sort());
  }
  assert.deepEqual(sorted(folds.flatMap(({ test: tested }) => [...tested])), everyRow(rows));
}

test('by rows: every row is tested once, in folds of equal size, and the rest keeps the proportion of the shares', () => {
  const folds = foldsOf([shardOf(1003)], SETTINGS);
  assertPartitions(folds, 1003);
  for (const { train, validation, test: tested } of folds) {
    assert.ok(tested.length === 200 || tested.length === 201, `${tested.length}`);
    assert.ok(Math.abs(validation.length - 0.2 * (1003 - tested.length)) <= 1);
    assert.ok(Math.abs(train.length - 0.8 * (1003 - tested.length)) <= 1);
  }
  assert.deepEqual(foldsOf([shardOf(1003)], SETTINGS), folds, 'equal arguments, equal folds');
  assert.notDeepEqual(foldsOf([shardOf(1003)], { ...SETTINGS, seed: 2 })[0], folds[0]);
  // Rows that one fold validates are drawn independently of the next one's.
  const [first, second] = folds as [SplitRows, SplitRows];
  const shared = [...first.validation].filter((row) => second.validation.includes(row)).length;
  assert.ok(shared > 5 && shared < 60, `${shared} of ${first.validation.length}`);
});

test('by rows along a series: each value has its share in every part of every fold', () => {
  const series = Array.from({ length: 1000 }, (_, row) => `${row % 7} GPa`);
  for (const parts of foldsOf([shardOf(1000, { series })], SETTINGS)) {
    for (const value of new Set(series)) {
      const all = series.filter((one) => one === value).length;
      for (const split of SPLITS) {
        const own = [...parts[split]].filter((row) => series[row] === value).length;
        assert.ok(Math.abs(own - SETTINGS[split] * all) <= 2, `${own} of ${all} in ${split}`);
      }
    }
  }
});

test('by rows along a series of as many values as rows: folds of equal size', () => {
  const series = Array.from({ length: 203 }, (_, row) => String(row));
  const folds = foldsOf([shardOf(203, { series })], SETTINGS);
  assertPartitions(folds, 203);
  for (const { test: tested } of folds) assert.ok(tested.length === 40 || tested.length === 41);
  assert.notDeepEqual(foldsOf([shardOf(203, { series })], { ...SETTINGS, seed: 2 })[0], folds[0]);
});

test('by group along a series: whole groups, each value tested in every fold, in any order of rows', () => {
  // Ten pressures, eight snapshots each, ten rows each.
  const groups = Array.from({ length: 800 }, (_, row) => `snapshot ${Math.floor(row / 10)}`);
  const series = Array.from({ length: 800 }, (_, row) => String(10 * Math.floor(row / 80)));
  const settings = { ...SETTINGS, by: 'group', folds: 4 } as const;
  const folds = foldsOf([shardOf(800, { groups, series })], settings);
  assertPartitions(folds, 800);
  for (const parts of folds) {
    const sides = SPLITS.map((split) => new Set([...parts[split]].map((row) => groups[row])));
    assert.equal(
      sides.reduce((sum, side) => sum + side.size, 0),
      80,
      'no group on two sides',
    );
    const perPressure = Map.groupBy(parts.test, (row) => series[row]);
    assert.equal(perPressure.size, 10);
    for (const rows of perPressure.values()) assert.equal(rows.length, 20, 'two snapshots of each pressure');
    assert.equal(new Set([...parts.validation].map((row) => series[row])).size, 10);
  }
  const order = shuffle(everyRow(800), 7, 'order');
  const moved = foldsOf(
    [
      shardOf(800, {
        groups: [...order].map((row) => groups[row] as string),
        series: [...order].map((row) => series[row] as string),
      }),
    ],
    settings,
  );
  for (const [fold, parts] of folds.entries()) {
    for (const split of SPLITS) {
      assert.deepEqual(
        new Set([...(moved[fold] as SplitRows)[split]].map((row) => groups[order[row] as number])),
        new Set([...parts[split]].map((row) => groups[row])),
      );
    }
  }
});

test('for any rows, uneven groups, values and near-duplicates: nothing that belongs together is separated', () => {
  for (let trial = 0; trial < 40; trial++) {
    const { uniform } = stream(trial, 'fold properties');
    const rows = 60 + Math.floor(200 * uniform());
    const groups = Array.from({ length: rows }, () => `g${Math.floor(25 * uniform() ** 1.5)}`);
    const series = Array.from({ length: rows }, () => String(Math.floor(4 * uniform())));
    const nearDuplicates = Array.from({ length: 8 }, () => {
      const row = 1 + Math.floor((rows - 1) * uniform());
      return [row, Math.floor(row * uniform())] as const;
    });
    for (const by of ['random', 'group'] as const) {
      const settings = { ...SETTINGS, seed: trial, by, folds: 2 + (trial % 4) };
      const folds = foldsOf([shardOf(rows, { groups, series, nearDuplicates })], settings);
      assertPartitions(folds, rows);
      for (const parts of folds) {
        const partOf = new Map(SPLITS.flatMap((split) => [...parts[split]].map((row) => [row, split] as const)));
        for (const [row, earlier] of nearDuplicates) assert.equal(partOf.get(row), partOf.get(earlier));
        for (const split of SPLITS) assert.ok(parts[split].length > 0);
        if (by === 'random') continue;
        for (const [row, group] of groups.entries()) {
          assert.equal(partOf.get(row), partOf.get(groups.indexOf(group)), `${group} is whole`);
        }
      }
    }
  }
});

test('all shards of a grown version are divided together', () => {
  const shards = [
    shardOf(40, { groups: Array.from({ length: 40 }, (_, row) => `a${row % 8}`) }),
    // Its row 0 is a near-duplicate of row 3 of the first shard, its row 15 of its row 14.
    shardOf(20, {
      version: 'second',
      groups: Array.from({ length: 20 }, (_, row) => (row < 10 ? 'a0' : `b${row % 4}`)),
      nearDuplicates: [
        [0, 3],
        [15, 54],
      ],
    }),
  ];
  for (const by of ['random', 'group'] as const) {
    const folds = foldsOf(shards, { ...SETTINGS, by, folds: 3 });
    assertPartitions(folds, 60);
    for (const parts of folds) {
      const partOf = (row: number) => SPLITS.find((split) => parts[split].includes(row));
      assert.equal(partOf(40), partOf(3));
      assert.equal(partOf(55), partOf(54));
      if (by === 'group') assert.equal(partOf(41), partOf(0));
    }
  }
});

test('folds that cannot be filled are refused', () => {
  const groups = Array.from({ length: 30 }, (_, row) => `g${row % 3}`);
  const settings = { ...SETTINGS, by: 'group' } as const;
  assert.throws(() => splitFold([shardOf(30, { groups })], { ...settings, folds: 4 }, 3), {
    code: 'spec-invalid',
    path: 'split.folds',
  });
  assert.throws(() => splitFold([shardOf(30)], settings, 0), { code: 'spec-invalid', path: 'split.by' });
  assert.equal(foldsOf([shardOf(30, { groups })], { ...settings, folds: 3 }).length, 3, 'three groups fill three folds');
});

test('the folds of given rows and seed never change, as old results depend on them', () => {
  assert.deepEqual(splitFold([shardOf(10)], { ...SETTINGS, folds: 2 }, 1), FOLD);
});

const FOLD = {
  train: Uint32Array.of(1, 2, 7, 8),
  validation: Uint32Array.of(3),
  test: Uint32Array.of(0, 4, 5, 6, 9),
};

test('repeats: the first partition is the split without repeats, the others are drawn anew', () => {
  const settings = { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random', repeats: 3 } as const;
  const [first, second, third] = [0, 1, 2].map((partition) => partitionRows([shardOf(1000)], settings, partition)) as [
    SplitRows,
    SplitRows,
    SplitRows,
  ];
  assert.deepEqual(first, splitRows(1000, settings, null));
  const shared = [...second.test].filter((row) => third.test.includes(row)).length;
  assert.ok(shared > 5 && shared < 45, `${shared} of 150, where 22 are expected`);
  assert.notDeepEqual(second.test, first.test);
});
