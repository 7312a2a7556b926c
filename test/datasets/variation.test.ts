import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrayStore, type JoinedArray, storeBytes } from '../../datasets/description.ts';
import { variesOver } from '../../datasets/variation.ts';
import type { Matrix } from '../../models/axes.ts';
import { memoryArrays } from '../support/array-store.ts';
import { matrixOf } from '../support/data.ts';

const ROWS = 40;
const every = Uint32Array.from({ length: ROWS }, (_, row) => row);

/** A store that gives pieces which do not end with a row, and counts them. */
function inPieces(): ArrayStore & { read: number } {
  const store = memoryArrays();
  const counting = {
    ...store,
    read: 0,
    async *pieces(sha256: string) {
      const bytes = await store.get(sha256);
      for (let at = 0; at < bytes.length; at += 10) {
        counting.read++;
        yield bytes.subarray(at, at + 10);
      }
    },
  };
  return counting;
}

async function stored(store: ArrayStore, { rows, columns, data }: Matrix): Promise<JoinedArray> {
  const half = (rows / 2) * columns;
  const parts = await Promise.all(
    [data.slice(0, half), data.slice(half)].map(async (part) => ({
      sha256: await storeBytes(store, new Uint8Array(part.buffer)),
      rows: rows / 2,
      columns,
    })),
  );
  return { rows, columns, parts };
}

const cases: readonly [string, (row: number, column: number) => number, Uint32Array, boolean][] = [
  ['a constant', (_, column) => 3 + column, every, false],
  ['zeros', () => 0, every, false],
  ['rounding about a large mean', (row) => (row === 5 ? 8979.001 : 8979), every, false],
  ['one column that varies', (row, column) => (column === 1 ? row : 7), every, true],
  ['values far below one', (row) => 1e-30 * (row + 1), every, true],
  ['a single row of training that differs, in the last part', (row) => (row === 39 ? 2 : 1), every, true],
  ['a row outside training that differs', (row) => (row === 39 ? 2 : 1), every.subarray(0, 30), false],
];
for (const [title, value, rows, varies] of cases) {
  test(`variation over the training rows: ${title}`, async () => {
    const store = inPieces();
    assert.equal(await variesOver(store, await stored(store, matrixOf(ROWS, 3, value)), rows), varies);
  });
}

test('reading ends where variation is found', async () => {
  const store = inPieces();
  await variesOver(
    store,
    await stored(
      store,
      matrixOf(ROWS, 3, (row) => row),
    ),
    every,
  );
  assert.ok(store.read < 10, `${store.read} pieces of ${(ROWS * 12) / 10} were read`);
});
