import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ColumnData, encodeText, narrow, rowsOf, scatter, valueAt } from '../../../search/columns/column.ts';
import { compileCondition, parseWhere } from '../../../search/columns/where.ts';

const valuesOf = (column: ColumnData) => Array.from(column.values, (_, row) => valueAt(column, row));

test('texts are numbered as they appear, and an empty one is missing', () => {
  const column = encodeText(['b', '', 'a', 'b']);
  assert.deepEqual(column.categories, ['b', 'a']);
  assert.deepEqual(valuesOf(column), ['b', null, 'a', 'b']);
});

test('scattered categories are matched by name, and unknown ones are missing', () => {
  const into: ColumnData = { values: new Float64Array(4).fill(Number.NaN), categories: ['x', 'y'] };
  scatter(into, [3, 0, 1], { values: Uint8Array.of(1, 0, 2), categories: ['y', 'x', 'z'] });
  assert.deepEqual(valuesOf(into), ['y', null, null, 'x']);
});

test('scattered categories can extend the column', () => {
  const categories = ['x'];
  const into: ColumnData = { values: new Uint16Array(2), categories };
  scatter(into, [1], { values: Uint8Array.of(0), categories: ['new'] }, (category) => categories.push(category) - 1);
  assert.deepEqual(valuesOf(into), ['x', 'new']);
});

test('missing entries stay missing between types of arrays', () => {
  const into: ColumnData = { values: new Float64Array(2), categories: null };
  scatter(into, [0, 1], { values: Uint8Array.of(0xff, 7), categories: null });
  assert.deepEqual(valuesOf(into), [null, 7]);
});

test('a mask only narrows, and missing entries pass where the filter says so', () => {
  const [condition] = parseWhere('rung!=1');
  assert.ok(condition);
  const mask = Uint8Array.of(1, 1, 1, 0);
  narrow(mask, { values: Uint8Array.of(1, 2, 0xff, 2), categories: null }, compileCondition(condition));
  assert.deepEqual(Array.from(rowsOf(mask)), [1, 2]);
});
