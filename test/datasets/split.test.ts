import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitRows } from '../../datasets/split.ts';
import { SPLITS } from '../../models/axes.ts';

const SHARES = { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' as const };

test('at random: every row once, in the stated shares, the same for the same seed', () => {
  const parts = splitRows(1000, SHARES, null);
  assert.deepEqual(
    SPLITS.map((split) => parts[split].length),
    [700, 150, 150],
  );
  assert.equal(new Set(SPLITS.flatMap((split) => [...parts[split]])).size, 1000);
  assert.deepEqual(splitRows(1000, SHARES, null), parts);
  assert.notDeepEqual(splitRows(1000, { ...SHARES, seed: 2 }, null).train, parts.train);
});

test('by group: no group on two sides, shares close, whatever the order of rows', () => {
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

test('a part that stays empty, and groups that are not there, are refused', () => {
  assert.throws(() => splitRows(3, SHARES, null), { code: 'split-empty', path: 'split.validation' });
  assert.throws(() => splitRows(100, { ...SHARES, by: 'group' }, null), { code: 'groups-missing', path: 'split.by' });
  const one = Array.from({ length: 100 }, () => 'only');
  assert.throws(() => splitRows(100, { ...SHARES, by: 'group' }, one), { code: 'split-empty' });
});
