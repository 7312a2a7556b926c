import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureSvg } from '../../../figures/rendering/draw.ts';
import { type CellHistory, historyFigure } from '../../../figures/search/history.ts';

const scores = [0.5, 0.4, 0.7, 0.6].map((score, i) => ({ number: i + 1, score, trialId: `s-${i}` }));
const cell: CellHistory = {
  ...{ method: 'ednn', k: 2, configurations: 4, scores },
  improvements: scores.filter(({ number }) => number === 1 || number === 3),
  expected: [
    { number: 1, score: 0.55 },
    { number: 4, score: 0.7 },
  ],
};
const data = { name: 's', startup: null, cells: [cell, { ...cell, method: 'eca' as const }, { ...cell, k: 1 }] };

test('a panel for each width has the best so far as steps, and the expectation in random order', () => {
  const figure = historyFigure(data, { hrefOf: (trial) => `/trials/${trial}` });
  assert.deepEqual(
    figure.panels.map(({ title }) => title),
    ['k = 1', 'k = 2'],
  );
  const marks = figure.panels[1]?.marks.filter(({ colour }) => colour === 'ednn') ?? [];
  const lines = marks.flatMap((mark) => (mark.kind === 'line' ? mark.runs : []));
  assert.deepEqual(lines, [
    [
      [1, 0.55],
      [4, 0.7],
    ],
    [
      [1, 0.5],
      [3, 0.5],
      [3, 0.7],
      [4, 0.7],
    ],
  ]);
  const labels = marks.flatMap((mark) => (mark.kind === 'points' ? (mark.labels ?? []) : []));
  assert.deepEqual(labels[1], { text: 'EDNN, k = 2: 0.700 with configuration 3', href: '/trials/s-2' });
  assert.equal(figure.panels[0]?.description, 'EDNN k = 1: 0.700 with configuration 3 of 4');
  assert.doesNotMatch(figureSvg(figure), /NaN|undefined/);
});

test('the random start of a sampler that learns is marked, in the picture, caption and table', () => {
  const figure = historyFigure({ ...data, startup: 2 });
  const marks = figure.panels[0]?.marks ?? [];
  assert.deepEqual(
    marks.flatMap((mark) => (mark.kind === 'rule' ? [mark.at] : [])),
    [2.5],
  );
  const dots = marks.flatMap((mark) => (mark.kind === 'points' && !mark.labels ? [mark.points.map(([number]) => number)] : []));
  assert.deepEqual(dots, [
    [1, 2],
    [3, 4],
  ]);
  assert.match(figure.caption, /first 2 configurations of each method and width are random/);
  const { head, rows } = figure.table();
  const column = (name: string) => rows.slice(0, 4).map((cells) => cells[head.indexOf(name)]);
  assert.deepEqual(column('origin'), ['start-up', 'start-up', 'proposed', 'proposed']);
  assert.deepEqual(column('best so far'), [0.5, 0.5, 0.7, 0.7]);
  assert.equal(historyFigure(data).table().rows[0]?.[head.indexOf('origin')], 'planned');
});

test('a single configuration, and none, can be drawn', () => {
  const [first] = scores;
  const single = { ...cell, configurations: 1, scores: scores.slice(0, 1), improvements: scores.slice(0, 1), expected: [first] };
  assert.doesNotMatch(figureSvg(historyFigure({ ...data, cells: [single as CellHistory] })), /NaN|Infinity|undefined/);
  assert.deepEqual(historyFigure({ ...data, cells: [] }).panels, []);
});
