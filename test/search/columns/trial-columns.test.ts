import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMN_NAMES, findColumn, labelOf, trialColumn } from '../../../search/columns/trial-columns.ts';

test('a name that is not a column, inherited ones included, has no row and is its own label', () => {
  assert.equal(findColumn('constructor'), null);
  assert.equal(labelOf('constructor'), 'constructor');
  assert.equal(labelOf('learningRate'), 'learning rate');
});

test('no two columns share a label, and no category is named like a missing value', () => {
  assert.equal(new Set(COLUMN_NAMES.map(labelOf)).size, COLUMN_NAMES.length);
  for (const name of COLUMN_NAMES) {
    const column = trialColumn(name);
    if (column.type === 'category') assert.ok(!column.categories.includes('none'), name);
  }
});
