import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeRowWindow, computeScroll } from '../../../../../dashboards/web/sweep/table/row-window.ts';

test('the document has the visible rows of a long table and some around them', () => {
  assert.deepEqual(computeRowWindow(0, 360, 36, 100_000), { from: 0, to: 18 });
  assert.deepEqual(computeRowWindow(36_000, 360, 36, 100_000), { from: 992, to: 1018 });
  assert.deepEqual(computeRowWindow(36_000, 360, 36, 3), { from: 3, to: 3 });
  assert.equal(computeScroll(5, 0, 480, 36, 36), null);
  assert.equal(computeScroll(20, 0, 480, 36, 36), 20 * 36 + 72 - 480);
  assert.equal(computeScroll(2, 200, 480, 36, 36), 72);
});
