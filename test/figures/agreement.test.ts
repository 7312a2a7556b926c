import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreementFigure } from '../../figures/agreement.ts';
import type { CellReading } from '../../models/interpretation/interpretation.ts';

const angles = (pairs: number, high: number) =>
  ({ kind: 'principal-angles', pairs, largest: { mean: high / 2, low: 0, high }, stable: high < 5 }) as const;

/** A cell of NNCA with two of four possible components. */
const cell = {
  ...{ method: 'nnca', k: 2, agreement: angles(3, 2) },
  components: [{ coefficients: [1, 0, 0, 0] }, { coefficients: [0, 1, 0, 0] }],
} as unknown as CellReading;

test('the table has rows for seeds, and where there are several partitions for those', () => {
  const alone = agreementFigure([cell]);
  const { head, rows } = alone.table();
  assert.equal(alone.title, 'Agreement between seeds');
  assert.deepEqual(head.slice(0, 4), ['method', 'k', 'pairs', 'largest angle / degree']);
  assert.deepEqual(rows, [['NNCA', 2, 3, 1, 2, null, null, null, null, 'stable']]);
  const both = agreementFigure([{ ...cell, overPartitions: angles(10, 30) }]);
  const table = both.table();
  assert.equal(both.title, 'Agreement between seeds and between partitions');
  assert.deepEqual(table.head.slice(0, 4), ['method', 'k', 'over', 'pairs']);
  assert.deepEqual(table.rows, [
    ['NNCA', 2, 'seeds', 3, 1, 2, null, null, null, null, 'stable'],
    ['NNCA', 2, 'partitions', 10, 15, 30, null, null, null, null, 'unstable'],
  ]);
  for (const row of table.rows) assert.equal(row.length, table.head.length);
});
