import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importanceFigure } from '../../figures/importance.ts';

const parameter = (name: string, importance: number, alone: number) => ({
  ...{ name, importance, low: importance - 0.05, high: importance + 0.05 },
  firstOrder: { mean: alone, low: alone, high: alone + 0.1 },
});

test('importances are drawn from the most important one at the top, with what each explains alone', () => {
  const data = { parameters: [parameter('k', 0.2, 0.3), parameter('learningRate', 0.6, 0.1)] };
  const { panels, table, caption } = importanceFigure(data, { name: 's', method: '' }, (name) => name.toUpperCase());
  const [panel] = panels;
  assert.deepEqual(panel?.y.names, ['K', 'LEARNINGRATE']);
  assert.equal(panel?.description, 'LEARNINGRATE 0.60, K 0.20');
  const marks = panel?.marks ?? [];
  assert.deepEqual(
    marks.flatMap((mark) => (mark.kind === 'bars' ? mark.spans : [])),
    [
      [0, 0.2],
      [1, 0.6],
    ],
  );
  assert.deepEqual(
    marks.flatMap((mark) => (mark.kind === 'points' ? mark.points.map(([x]) => x) : [])),
    [0.3, 0.1],
  );
  const { head, rows } = table();
  assert.deepEqual(rows[0]?.slice(0, 2), ['LEARNINGRATE', 0.6]);
  assert.ok(rows.every((row) => row.length === head.length));
  assert.match(caption, /few trials shrink the bars/);
});

test('without importances the figure has no panel', () => {
  assert.deepEqual(importanceFigure(null, { name: 's', method: 'eca' }, String).panels, []);
});
