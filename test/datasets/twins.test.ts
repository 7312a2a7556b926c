import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { withScratch } from '../../datasets/scratch.ts';
import { spoolMatrix } from '../../datasets/spool.ts';
import { TIED_WITHIN, twinsWithin } from '../../datasets/twins.ts';
import { stream } from '../../models/random.ts';

const { normal, uniform } = stream(1, 'twins');

const find = (rows: readonly (readonly number[])[], onRead = () => {}) =>
  withScratch(tmpdir(), async (scratch) => {
    const columns = rows[0]?.length ?? 0;
    const x = await spoolMatrix(scratch, [{ rows: rows.length, columns, data: Float32Array.from(rows.flat()) }]);
    return twinsWithin({
      ...x,
      readRow(row, into) {
        onRead();
        x.readRow(row, into);
      },
    });
  });

/** Every pair compared, and joined until nothing changes. */
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
          return apart === 0 || apart < TIED_WITHIN * (deviations[d] as number);
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

test('the same structures and near ones are tied, as a comparison of every pair finds them', async () => {
  for (const columns of [2, 3, 30]) {
    const scales = Array.from({ length: columns }, (_, d) => 10 ** (d % 5));
    const rows = Array.from({ length: 300 }, () => scales.map((scale) => 1000 * scale + scale * normal()));
    // Copies, near ones, chains of near ones, and what is only nearly near.
    for (let i = 0; i < 120; i++) {
      const of = rows[Math.floor(uniform() * rows.length)] as number[];
      const by = TIED_WITHIN * ([0, 0.2, 0.8, 1.5][i % 4] as number);
      rows.push(of.map((value, d) => value + by * (scales[d] as number) * (uniform() < 0.5 ? -1 : 1)));
    }
    const expected = byForce(rows);
    assert.ok(expected.length > 60, `${expected.length} tied`);
    assert.deepEqual(await find(rows), expected, `${columns} columns`);
  }
});

test('a column that does not vary ties nothing by itself; along a single one that does only the same rows are tied', async () => {
  const line = Array.from({ length: 3000 }, (_, i) => [i, 7]);
  assert.deepEqual(await find(line), []);
  assert.deepEqual(await find([...line, [5, 7], [5.5, 7]]), [[3000, 5]]);
});

test('a structure that comes many thousand times is compared once', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => (i % 2 === 0 ? [1, 2, 3] : [normal(), normal(), normal()]));
  let reads = 0;
  const pairs = await find(rows, () => reads++);
  assert.equal(pairs.length, 29_999);
  assert.ok(pairs.every(([row, first]) => row % 2 === 0 && first === 0));
  assert.ok(reads < 2 * rows.length, `${reads} rows were read`);
});
