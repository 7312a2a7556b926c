import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { withScratch } from '../../../datasets/files/scratch.ts';
import { spoolMatrix } from '../../../datasets/import/spool.ts';
import {
  findNearDuplicates,
  linkToEarlierRows,
  NEAR_DUPLICATE_TOLERANCE,
} from '../../../datasets/near-duplicates/near-duplicates.ts';
import { stream } from '../../../models/random.ts';

const { normal, uniform } = stream(1, 'twins');

const find = (rows: readonly (readonly number[])[], onRead = () => {}) =>
  withScratch(tmpdir(), async (scratch) => {
    const columns = rows[0]?.length ?? 0;
    const x = await spoolMatrix(scratch, [{ rows: rows.length, columns, data: Float32Array.from(rows.flat()) }]);
    return findNearDuplicates({
      ...x,
      readRow(row, into) {
        onRead();
        x.readRow(row, into);
      },
    });
  });

/** Compares every pair, and merges groups until nothing changes. */
function byForce(rows: readonly (readonly number[])[]): [number, number][] {
  const narrow = rows.map((row) => [...Float32Array.from(row)]);
  const columns = narrow[0]?.length ?? 0;
  const deviations = Array.from({ length: columns }, (_, d) => {
    const mean = narrow.reduce((sum, row) => sum + (row[d] as number), 0) / narrow.length;
    return Math.sqrt(narrow.reduce((sum, row) => sum + ((row[d] as number) - mean) ** 2, 0) / narrow.length);
  });
  const first = narrow.map((_, i) => i);
  for (let changed = true; changed; ) {
    changed = false;
    narrow.forEach((row, a) => {
      narrow.forEach((other, b) => {
        const near = row.every((value, d) => {
          const apart = Math.abs(value - (other[d] as number));
          return apart === 0 || apart < NEAR_DUPLICATE_TOLERANCE * (deviations[d] as number);
        });
        const least = Math.min(first[a] as number, first[b] as number);
        if (!near || (first[a] === least && first[b] === least)) return;
        first[a] = first[b] = least;
        changed = true;
      });
    });
  }
  return first.flatMap((least, row) => (least === row ? [] : [[row, least] as [number, number]]));
}

test('groups of near-duplicates equal those of a comparison of every pair', async () => {
  for (const columns of [2, 3, 30]) {
    const scales = Array.from({ length: columns }, (_, d) => 10 ** (d % 5));
    const rows = Array.from({ length: 300 }, () => scales.map((scale) => 1000 * scale + scale * normal()));
    // Copies, near-duplicates, chains of them, and rows just beyond the tolerance.
    for (let i = 0; i < 120; i++) {
      const of = rows[Math.floor(uniform() * rows.length)] as number[];
      const by = NEAR_DUPLICATE_TOLERANCE * ([0, 0.2, 0.8, 1.5][i % 4] as number);
      rows.push(of.map((value, d) => value + by * (scales[d] as number) * (uniform() < 0.5 ? -1 : 1)));
    }
    const expected = byForce(rows);
    assert.ok(expected.length > 60, `${expected.length} tied`);
    assert.deepEqual(await find(rows), expected, `${columns} columns`);
  }
});

test('constant columns do not matter; with a single varying column only equal rows are grouped', async () => {
  const line = Array.from({ length: 3000 }, (_, i) => [i, 7]);
  assert.deepEqual(await find(line), []);
  assert.deepEqual(await find([...line, [5, 7], [5.5, 7]]), [[3000, 5]]);
});

test('copies of a structure are compared once', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => (i % 2 === 0 ? [1, 2, 3] : [normal(), normal(), normal()]));
  let reads = 0;
  const pairs = await find(rows, () => reads++);
  assert.equal(pairs.length, 29_999);
  assert.ok(pairs.every(([row, first]) => row % 2 === 0 && first === 0));
  assert.ok(reads < 2 * rows.length, `${reads} rows were read`);
});

/** Splits rows into the first `before` and the later ones. */
const append = (rows: readonly (readonly number[])[], before: number) => {
  const columns = rows[0]?.length ?? 0;
  const matrix = (some: readonly (readonly number[])[]) => ({
    rows: some.length,
    columns,
    data: Float32Array.from(some.flat()),
  });
  return linkToEarlierRows(matrix(rows.slice(0, before)), matrix(rows.slice(before)));
};

test('later rows are linked as among all rows, and to every earlier row of their group', async () => {
  const rows = Array.from({ length: 200 }, () => [normal(), 10 * normal(), normal()]);
  for (let i = 0; i < 60; i++) {
    const of = rows[Math.floor(uniform() * rows.length)] as number[];
    rows.push(of.map((value) => value + (i % 3 === 0 ? 0 : 0.3 * NEAR_DUPLICATE_TOLERANCE)));
  }
  const [before, pairs] = [220, await append(rows, 220)];
  const firstOf = new Map(byForce(rows));
  const root = (row: number) => firstOf.get(row) ?? row;
  const tied = new Map<number, number[]>();
  for (const [row, other] of pairs) tied.set(before + row, [...(tied.get(before + row) ?? []), other]);
  for (const [row, others] of tied) for (const other of others) assert.equal(root(other), root(row), `${row} and ${other}`);
  // The pairs connect all later rows of a group with each other and with all of its earlier rows.
  let seen = 0;
  for (let row = before; row < rows.length; row++) {
    const alike = rows.flatMap((_, other) => (other !== row && root(other) === root(row) ? [other] : []));
    const own = [row, ...alike].filter((one) => one >= before);
    const reached = new Set(own.flatMap((one) => tied.get(one) ?? []));
    for (const other of alike) if (other < before) assert.ok(reached.has(other), `${row} and ${other}`);
    if (own.length > 1) assert.ok(own.every((one) => one === Math.min(...own) || tied.has(one)));
    seen += alike.length;
  }
  assert.ok(seen > 40, `${seen} tied`);
});

test('with one varying descriptor later rows are linked to equal ones only', async () => {
  const line = Array.from({ length: 3000 }, (_, i) => [i, 7]);
  assert.deepEqual(await append([...line, [5, 7], [5.5, 7], [5.5, 7]], 3000), [
    [0, 5],
    [2, 3001],
  ]);
});

test('a later row near two earlier rows that are not near each other is linked to both', async () => {
  const others = Array.from({ length: 400 }, () => [normal(), normal()]);
  const by = 0.7 * NEAR_DUPLICATE_TOLERANCE;
  const rows = [[0, 0], [2 * by, 2 * by], ...others, [by, by]];
  assert.deepEqual(await append(rows, 402), [
    [0, 0],
    [0, 1],
  ]);
});

test('an outlier ties no other rows, and does not hide ties', async () => {
  for (const outlier of [9999, 1e30]) {
    const rows = Array.from({ length: 1000 }, () => [normal(), normal(), normal()]);
    rows[17] = [outlier, outlier, outlier];
    rows.push(
      (rows[3] as number[]).map((value) => value + 1e-4),
      rows[5] as number[],
    );
    const expected = [
      [1000, 3],
      [1001, 5],
    ];
    assert.deepEqual(await find(rows), expected, `${outlier}`);
    assert.deepEqual(await append(rows, 1000), [
      [0, 3],
      [1, 5],
    ]);
  }
});

test('in a small dataset an outlier ties no other rows either', async () => {
  const rows = Array.from({ length: 12 }, () => [normal(), normal()]);
  assert.deepEqual(await find([...rows, [9999, 9999], rows[4] as number[]]), [[13, 4]]);
});

test('descriptors that are 0 in most rows keep their deviation', async () => {
  const rows = Array.from({ length: 600 }, (_, i) => [normal(), i % 40 === 0 ? 1 + normal() / 10 : 0]);
  rows.push(...rows.slice(0, 40).map(([a = 0, b = 0], i) => [a, b === 0 ? b : b + (i < 20 ? 0.5 : 1.5) * 1e-4]));
  assert.deepEqual(await find(rows), byForce(rows));
});

test('comparisons grow with the number of rows, whatever the values', async () => {
  // Two phases far apart, the rows of one within a few tolerances of each other, and yet apart.
  const crowd = (rows: number) =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: 40 }, () => (i % 5 === 0 ? 9999 + normal() : 20 * uniform())));
  const line = (rows: number) => Array.from({ length: rows }, (_, i) => [i === 0 ? 1e9 : i, i === 1 ? 1e9 : normal()]);
  for (const rows of [crowd(4000), line(4000)]) {
    let reads = 0;
    await find([...rows, rows[2] as number[]], () => reads++).then((pairs) => assert.deepEqual(pairs.at(-1), [4000, 2]));
    assert.ok(reads < 320 * rows.length, `${reads} rows were read`);
  }
});
