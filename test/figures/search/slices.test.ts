import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureSvg } from '../../../figures/rendering/draw.ts';
import { type SliceData, sliceFigure } from '../../../figures/search/slices.ts';

const points = (...values: (number | string)[]) => values.map((value, i) => ({ value, score: 0.9 - 0.1 * i, trialId: `s-${i}` }));
const data: SliceData = {
  ...{ name: 's', parameter: 'learningRate', label: 'learning rate', scale: 'log', categories: null },
  cells: [
    { method: 'ednn', k: 1, points: points(0.001, 0.1) },
    { method: 'eca', k: 1, points: points(0.01) },
    { method: 'ednn', k: 2, points: points(0.1, 0.001) },
  ],
};

test('a panel for each width has the scores of each method, on the scale that the parameter is drawn on', () => {
  const figure = sliceFigure(data);
  assert.deepEqual(
    figure.panels.map(({ title, x }) => [title, x.label, x.scale]),
    [
      ['k = 1', 'learning rate', 'log'],
      ['k = 2', 'learning rate', 'log'],
    ],
  );
  const [panel] = figure.panels;
  assert.deepEqual(
    panel?.marks.map((mark) => mark.kind === 'points' && [mark.colour, mark.points]),
    [
      [
        'ednn',
        [
          [0.001, 0.9],
          [0.1, 0.8],
        ],
      ],
      ['eca', [[0.01, 0.9]]],
    ],
  );
  assert.equal(figure.panels[1]?.description, 'EDNN k = 2: best 0.900 at 0.1');
  assert.doesNotMatch(figureSvg(figure), /NaN|undefined/);
});

test('categories are in the order of the spec, methods next to each other', () => {
  const cells = [
    { method: 'ednn', k: 1, points: points('tanh', 'gelu') },
    { method: 'eca', k: 1, points: points('gelu') },
  ] as const;
  const figure = sliceFigure({
    ...data,
    parameter: 'activation',
    label: 'activation',
    scale: 'category',
    categories: ['gelu', 'tanh'],
    cells,
  });
  const [panel] = figure.panels;
  assert.deepEqual(panel?.x.ticks, [
    { at: 0, label: 'gelu' },
    { at: 1, label: 'tanh' },
  ]);
  assert.deepEqual(
    panel?.marks.map((mark) => mark.kind === 'points' && mark.points.map(([x]) => x)),
    [[0.875, -0.125], [0.125]],
  );
});

test('a range that begins at 0 is even, and a single value can be drawn', () => {
  const cells = [{ method: 'ednn', k: 1, points: points(0, 0.3) }] as const;
  assert.equal(sliceFigure({ ...data, cells }).panels[0]?.x.scale, undefined);
  const single = [{ method: 'ednn', k: 1, points: points(0.01) }] as const;
  for (const scale of ['linear', 'log'] as const)
    assert.doesNotMatch(figureSvg(sliceFigure({ ...data, scale, cells: single })), /NaN|Infinity|undefined/);
  const { head, rows } = sliceFigure({ ...data, cells: single }).table();
  assert.deepEqual(
    [head, rows],
    [['method', 'k', 'learning rate', 'covered variance', 'first trial'], [['EDNN', 1, 0.01, 0.9, 's-0']]],
  );
  assert.deepEqual(sliceFigure({ ...data, cells: [] }).panels, []);
});
