import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureSvg } from '../../../figures/rendering/draw.ts';
import { type FrontPoint, paretoFigure } from '../../../figures/search/pareto-front.ts';

const row = (changes: Partial<FrontPoint>): FrontPoint => ({
  ...{ trialId: 's-0', method: 'ednn', k: 1, seeds: 3, rank: 1, rankInMethod: 1 },
  ...{ coveredVariance: 0.5, structureCoveredVariance: null, parameters: 100, seconds: 1 },
  ...changes,
});

/** EDNN is the front; one ECA configuration is on that of its method alone, one is behind it. */
const rows = [
  row({ trialId: 's-1', coveredVariance: 0.6, parameters: 100 }),
  row({ trialId: 's-2', coveredVariance: 0.9, parameters: 10_000 }),
  row({ trialId: 's-3', method: 'eca', coveredVariance: 0.5, parameters: 200, rank: 2, structureCoveredVariance: 0.3 }),
  row({ trialId: 's-4', method: 'eca', coveredVariance: 0.4, parameters: 300, rank: 3, rankInMethod: 2 }),
];
const against = (...others: ('parameters' | 'k' | 'seconds' | 'structureCoveredVariance')[]) => ({
  name: 's',
  objectives: (['coveredVariance', ...others] as const).map((name) => ({ name })),
  rows,
});

test('marks on the front are filled, those on the front of a method alone empty, others small', () => {
  const figure = paretoFigure(against('parameters'), { hrefOf: ({ trialId }) => `/trials/${trialId}` });
  const [panel] = figure.panels;
  const points = (panel?.marks ?? []).flatMap((mark) => (mark.kind === 'points' ? [mark] : []));
  const filled = points.find(({ fill, colour }) => fill === 'full' && colour === 'ednn');
  assert.deepEqual(filled?.points, [
    [100, 0.6],
    [10_000, 0.9],
  ]);
  assert.equal(filled?.labels?.[1]?.text, 'EDNN, k = 1: covered variance 0.900, parameters 10000, 3 seeds');
  assert.equal(filled?.labels?.[1]?.href, '/trials/s-2');
  assert.deepEqual(points.find(({ fill, colour }) => fill === 'empty' && colour === 'eca')?.points, [[200, 0.5]]);
  assert.deepEqual(points.find(({ fill, colour }) => fill === undefined && colour === 'eca')?.points, [[300, 0.4]]);
  assert.match(panel?.description ?? '', /^2 of 4 configurations on the front: EDNN, k = 1: covered variance 0\.600/);
  assert.match(figure.caption, /Up and to the left is better.* A mark links to its first trial\.$/);
  assert.doesNotMatch(paretoFigure(against('parameters')).caption, /links/);
  assert.doesNotMatch(figureSvg(figure), /NaN|undefined/);
});

test('the front of each method is a step line: what a bound on the cost allows at most', () => {
  const [panel] = paretoFigure(against('parameters')).panels;
  const line = panel?.marks.find((mark) => mark.kind === 'line' && mark.colour === 'ednn');
  assert.ok(line?.kind === 'line' && panel);
  assert.deepEqual(line.runs, [
    [
      [100, 0.6],
      [10_000, 0.6],
      [10_000, 0.9],
      [panel.x.domain[1], 0.9],
    ],
  ]);
  assert.deepEqual([panel.x.scale, panel.x.label], ['log', 'parameters']);
});

test('where more of both is better, steps fall to the right', () => {
  const both = [
    row({ method: 'eca', coveredVariance: 0.9, structureCoveredVariance: 0.2 }),
    row({ method: 'eca', coveredVariance: 0.5, structureCoveredVariance: 0.4 }),
  ];
  const figure = paretoFigure({ ...against('structureCoveredVariance'), rows: both });
  const line = figure.panels[0]?.marks.find((mark) => mark.kind === 'line');
  assert.ok(line?.kind === 'line');
  assert.deepEqual(line.runs[0]?.slice(1), [
    [0.2, 0.9],
    [0.2, 0.5],
    [0.4, 0.5],
  ]);
  assert.match(figure.caption, /Up and to the right is better/);
});

test('a third objective has a panel of its own, and no step lines', () => {
  const { panels, caption } = paretoFigure(against('k', 'seconds'));
  assert.deepEqual(
    panels.map(({ title, x }) => [title, x.label]),
    [
      ['against bottleneck width k', 'bottleneck width k'],
      ['against training time', 'training time / s'],
    ],
  );
  assert.ok(panels.every(({ marks }) => marks.every(({ kind }) => kind !== 'line')));
  assert.match(caption, /each panel shows two/);
});

test('the table has every configuration, and without any the figure has no panel', () => {
  const { head, rows: cells } = paretoFigure(against('k')).table();
  assert.equal(cells.length, 4);
  assert.ok(cells.every((one) => one.length === head.length));
  assert.deepEqual(cells[2], ['ECA', 1, 0.5, 0.3, 200, 1, 3, 2, 1, 's-3']);
  assert.deepEqual(paretoFigure({ ...against('k'), rows: [] }).panels, []);
});

for (const [name, changes] of [
  ['a single configuration', [row({})]],
  ['equal configurations', [row({}), row({ trialId: 's-5' })]],
  ['a time of 0 and a score far below 0', [row({ seconds: 0 }), row({ coveredVariance: -40, seconds: 3, rank: 2 })]],
] as const) {
  test(`${name} can be drawn on every axis`, () => {
    for (const other of ['k', 'parameters', 'seconds'] as const) {
      for (const isMissing of [false, true])
        assert.doesNotMatch(
          figureSvg(paretoFigure({ ...against(other), rows: changes }, { isMissing })),
          /NaN|Infinity|undefined/,
        );
    }
  });
}
