import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from '../../../cli/output/table.ts';

test('columns of numbers are aligned to the right, others to the left; a missing value is a dash', () => {
  const rows = [
    { name: 'water', rows: 9, note: 'first' },
    { name: 'geo2', rows: 6400, note: null },
    { name: 'x', rows: null, note: '' },
  ];
  const text = formatTable(rows, { name: ({ name }) => name, rows: (row) => row.rows, note: ({ note }) => note });
  assert.deepEqual(text.split('\n'), ['name   rows  note', 'water     9  first', 'geo2   6400  -', 'x         -']);
});

test('a table without rows has its titles', () => {
  assert.equal(formatTable([], { a: () => 1, 'b c': () => 2 }), 'a  b c');
});

test('control characters of cells are shown, and count in the width', () => {
  const rows = [{ name: 'a\u001b[2Kb\nc' }, { name: 'water' }];
  const text = formatTable(rows, { name: ({ name }) => name, rows: () => 1 });
  assert.deepEqual(text.split('\n'), ['name                rows', 'a\\u001b[2Kb\\u000ac     1', 'water                  1']);
});
