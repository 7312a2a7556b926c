import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureSvg } from '../../../figures/rendering/draw.ts';
import { rungsFigure } from '../../../figures/search/rungs.ts';

const ended = (reached: number, pruned: number) => ({ reached, pruned, diverged: 1, failed: 0 });
const data = {
  name: 's',
  epochs: [5, 15],
  cells: [
    { method: 'ednn', k: 2, rungs: [ended(9, 6), ended(3, 0)] },
    { method: 'eca', k: 2, rungs: [ended(6, 4), ended(2, 0)] },
  ],
} as const;

test('bars count the trials that reached a rung, from the first at the top; stopped ones are noted', () => {
  const figure = rungsFigure(data);
  const [panel] = figure.panels;
  assert.deepEqual(panel?.y.names, ['ECA, 15 epochs', 'EDNN, 15 epochs', 'ECA, 5 epochs', 'EDNN, 5 epochs']);
  const marks = panel?.marks ?? [];
  assert.deepEqual(
    marks.flatMap((mark) => (mark.kind === 'bars' ? mark.spans : [])),
    [
      [0, 2],
      [1, 3],
      [2, 6],
      [3, 9],
    ],
  );
  assert.deepEqual(
    marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : [])),
    ['−4', '−6'],
  );
  assert.equal(panel?.description, 'EDNN: 9, then 3 trials; ECA: 6, then 2 trials');
  assert.doesNotMatch(figureSvg(figure), /NaN|undefined/);
});

test('the table has a row for each rung; without trials there is no panel', () => {
  const { head, rows } = rungsFigure(data).table();
  assert.deepEqual(rows[0], ['EDNN', 2, 1, 5, 9, 6, 1, 0]);
  assert.ok(rows.every((row) => row.length === head.length));
  assert.deepEqual(rungsFigure({ ...data, cells: [] }).panels, []);
});
