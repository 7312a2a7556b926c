import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchRepeatedRows } from '../../../datasets/import/repeated-rows.ts';
import { noise } from '../../support/data.ts';

/** Searches rows of `columns` values, `size` rows at a time from one buffer. */
function search(rows: readonly (readonly number[])[], size: number) {
  const found = searchRepeatedRows();
  const columns = rows[0]?.length ?? 0;
  const buffer = new Float64Array(size * columns);
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.slice(from, from + size);
    buffer.set(part.flat());
    found.add({ rows: part.length, columns, data: buffer.subarray(0, part.length * columns) });
  }
  return found.end();
}

const random = noise(20, 6, 'rows');
const row = (i: number) => [...random.data.subarray(6 * i, 6 * i + 6)];
const SIZES = [1, 3, 20];

test('rows that all differ, and one pair of equal rows, are written', () => {
  const rows = Array.from({ length: 20 }, (_, i) => row(i));
  for (const size of SIZES) {
    assert.equal(search(rows, size), null);
    assert.equal(search(rows.with(7, row(6)), size), null);
  }
});

test('rows of one value, and equal rows, whatever the chunks', () => {
  for (const size of SIZES) {
    const blank = Array.from({ length: 20 }, (_, i) => (i % 5 === 2 ? Array(6).fill(-1) : row(i)));
    assert.deepEqual(search(blank, size), { rows: 4, first: 2, last: 17, isUniform: true, value: -1 });
    const mixed = blank.with(2, Array(6).fill(0));
    assert.deepEqual(search(mixed, size), { rows: 4, first: 2, last: 17, isUniform: true, value: null });
    const stuck = Array.from({ length: 20 }, (_, i) => row(Math.min(i, 15)));
    assert.deepEqual(search(stuck, size), { rows: 4, first: 16, last: 19, isUniform: false, value: null });
  }
});

test('a long run where rows have few values, unless all are whole numbers', () => {
  for (const size of SIZES) {
    const run = Array.from({ length: 20 }, (_, i) => [i < 8 ? (row(i)[0] as number) : 2.5]);
    assert.deepEqual(search(run, size), { rows: 12, first: 8, last: 19, isUniform: false, value: null });
    const classes = Array.from({ length: 20 }, (_, i) => [i < 8 ? 1 : 2]);
    assert.equal(search(classes, size), null);
  }
});
