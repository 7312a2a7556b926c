import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thinRows } from '../../../models/drift/thinning.ts';

/** Groups of the given size, one after the other. */
const groupsOf = (groups: number, rowsPerGroup: number) =>
  Int32Array.from({ length: groups * rowsPerGroup }, (_, row) => Math.floor(row / rowsPerGroup));

/** Returns the numbers of chosen groups of either sample, and of rows of each. */
function shapesOf(samples: readonly [Int32Array, Int32Array], most: number) {
  return thinRows(samples, most, 3).map((rows, side) => {
    const counts = [...Map.groupBy(rows, (row) => samples[side]?.[row]).values()].map(({ length }) => length);
    return [counts.length, ...new Set(counts)];
  });
}

test('samples that fit are compared whole', () => {
  assert.deepEqual(
    thinRows([groupsOf(3, 2), groupsOf(2, 2)], 6, 1).map((rows) => [...rows]),
    [
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3],
    ],
  );
});

test('independent rows are chosen at random up to the limit', () => {
  const [a, b] = thinRows([groupsOf(5000, 1), groupsOf(40, 1)], 600, 1);
  assert.deepEqual([a.length, new Set(a).size, b.length], [600, 600, 40]);
  assert.ok(a.every((row, i) => i === 0 || row > (a[i - 1] as number)));
  const quarters = [0, 1, 2, 3].map((quarter) => a.filter((row) => Math.floor(row / 1250) === quarter).length);
  assert.ok(
    quarters.every((count) => count > 100 && count < 200),
    `${quarters}`,
  );
  assert.notDeepEqual(thinRows([groupsOf(5000, 1), groupsOf(40, 1)], 600, 2)[0], a);
});

test('groups of both samples are thinned alike: all groups rather than all rows of some', () => {
  assert.deepEqual(shapesOf([groupsOf(100, 50), groupsOf(60, 50)], 600), [
    [100, 6],
    [60, 6],
  ]);
});

test('four groups for each of the smaller sample suffice where more of them would cost rows', () => {
  assert.deepEqual(shapesOf([groupsOf(100, 50), groupsOf(10, 50)], 600), [
    [40, 15],
    [10, 15],
  ]);
});

test('with more groups than the limit, one row each of some', () => {
  assert.deepEqual(shapesOf([groupsOf(900, 3), groupsOf(700, 3)], 600), [
    [600, 1],
    [600, 1],
  ]);
});
