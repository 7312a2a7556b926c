import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMN_NAMES, FILTER_COLUMNS, findColumn, labelOf, OUTCOME_COLUMNS } from '../../../search/columns/trial-columns.ts';

test('outcomes keep the order in which they are sent', () => {
  assert.deepEqual(OUTCOME_COLUMNS, ['outcome', 'rung', 'validation', 'epochs', 'seconds', 'engine', 'finishedAt']);
});

test('every column can be filtered by, except the time at which a trial finished', () => {
  assert.deepEqual(
    COLUMN_NAMES.filter((name) => !(FILTER_COLUMNS as readonly string[]).includes(name)),
    ['finishedAt'],
  );
});

test('a name that is not a column, inherited ones included, has no row and is its own label', () => {
  assert.equal(findColumn('constructor'), null);
  assert.equal(labelOf('constructor'), 'constructor');
  assert.equal(labelOf('learningRate'), 'learning rate');
});
