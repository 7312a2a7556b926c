import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveColumn, parseColumn, parseColumns } from '../../../../../dashboards/web/sweep/table/column-lists.ts';

test('columns of an address are known ones, once each, in its order, and can be moved', () => {
  const known = ['a', 'b', 'c'];
  assert.deepEqual(parseColumns('c,x,a,c', known, ['b']), ['c', 'a']);
  assert.deepEqual(parseColumns('x', known, ['b']), ['b']);
  assert.deepEqual(parseColumns(undefined, known, ['b']), ['b']);
  assert.deepEqual(
    ['b', 'x', undefined].map((text) => parseColumn(text, known, 'a')),
    ['b', 'a', 'a'],
  );
  assert.deepEqual(moveColumn(known, 'b', -1), ['b', 'a', 'c']);
  assert.deepEqual(moveColumn(known, 'c', 1), known);
});
