import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CoverageData,
  coveragePanel,
  coveredVarianceFigure,
  enoughWidth,
  linearDomain,
  missingDomain,
  sweepCoverageFigure,
  sweepsCoverageFigure,
  widthAxis,
} from '../../figures/covered-variance.ts';
import { layOut } from '../../figures/rendering/layout.ts';
import { describeComparison } from '../../text/comparison.ts';

const estimate = (mean: number) => ({ mean, low: mean - 0.002, high: mean + 0.002, best: mean });

function coverage(scores: Readonly<Record<string, number>>, emulator: number | null) {
  return {
    rows: Object.entries(scores).map(([name, mean]) => ({
      method: name.split('/')[0] as 'ednn' | 'eca' | 'nnca',
      k: Number(name.split('/')[1]),
      trials: 3,
      configurations: 2,
      coveredVariance: estimate(mean),
      structureCoveredVariance: null,
      configurationHash: '',
      bestTrial: 's-0',
    })),
    emulator: emulator === null ? null : { mean: emulator, low: emulator, high: emulator },
    baselines: [] as CoverageData['baselines'],
    // As if all were certain.
    sufficiency: Object.entries(scores).map(([name, mean]) => {
      const short = (emulator ?? 1) - mean;
      return {
        ...{
          method: name.split('/')[0] as 'ednn' | 'eca' | 'nnca',
          k: Number(name.split('/')[1]),
          margin: 0.01,
          adjustedP: 0.001,
        },
        ...{ reference: emulator === null ? ('variance' as const) : ('emulator' as const), enough: short < 0.01 },
        shortfall: { mean: short, low: short, high: short },
      };
    }),
  };
}

const comparison = (data: ReturnType<typeof coverage>) => ({
  sweeps: [],
  dataset: 'water@1',
  target: 'xas',
  rows: data.rows,
  contrasts: [],
  sufficiency: data.sufficiency,
  baselines: [...(data.emulator ? [{ name: 'emulator', k: null, coveredVariance: data.emulator.mean }] : []), ...data.baselines],
});

test('more units stop paying at the width that the sentence names too', () => {
  const cases = [
    [coverage({ 'ednn/1': 0.9, 'ednn/2': 0.971, 'eca/2': 0.95, 'eca/3': 0.978 }, 0.98), 2],
    [coverage({ 'ednn/1': 0.9, 'ednn/2': 0.96 }, 0.98), null],
    [coverage({ 'nnca/1': 0.991, 'ednn/1': 0.992 }, null), 1],
  ] as const;
  for (const [data, k] of cases) {
    assert.equal(enoughWidth(data), k);
    const said = /^(One number is|(\d) numbers are) enough/m.exec(describeComparison(comparison(data)));
    assert.equal(said === null ? null : Number(said[2] ?? 1), k);
    const rules = coveragePanel(data).marks.flatMap((mark) => (mark.kind === 'rule' && mark.axis === 'x' ? [mark.at] : []));
    assert.deepEqual(rules, k === null ? [] : [k]);
  }
});

test('axes of covered variance hold all values; close to 1, nines are evenly spaced', () => {
  const [low, high] = linearDomain([0.4, 0.99]);
  assert.ok(low < 0.4 && low > 0.3 && high === 1);
  assert.ok(linearDomain([-30, 0.9])[0] > -0.2, 'what is worse than the mean spectrum does not take the axis');
  const [from, to] = missingDomain([0.5, 0.9, 0.9995]);
  assert.ok(from < 0.5 && to > 0.9995 && to < 1);
  const panel = coveragePanel(coverage({ 'ednn/1': 0.5, 'ednn/2': 0.9995 }, null), { isMissing: true });
  const { y } = layOut(panel, 600);
  const [a, b, c] = [0.9, 0.99, 0.999].map((share) => y(share)) as [number, number, number];
  assert.ok(Math.abs(c - b - (b - a)) < 1e-9);
  assert.ok(y.ticks.some(({ label }) => label === '0.99'));
  assert.ok(Math.abs(y.invert(b) - 0.99) < 1e-9);
});

test('values below the axis are drawn at its foot', () => {
  const panel = coveragePanel(coverage({ 'ednn/1': -3, 'ednn/2': 0.9 }, null));
  const points = panel.marks.flatMap((mark) => (mark.kind === 'points' ? mark.points : []));
  assert.deepEqual(points[0], [1, panel.y.domain[0]]);
});

test('widths are proportional, or evenly spaced where a few would be pressed together', () => {
  const near = widthAxis([1, 2, 3]);
  assert.deepEqual([near.placeOf(2), near.isEven], [2, false]);
  const far = widthAxis([1, 2, 3, 32]);
  assert.deepEqual([far.placeOf(2), far.placeOf(32), far.isEven], [1, 3, true]);
  assert.match(far.axis.label, /evenly spaced/);
  assert.deepEqual(
    far.axis.ticks.map(({ label }) => label),
    ['1', '2', '3', '32'],
  );
});

test('a comparison is drawn on two scales, with every row and baseline in its table', () => {
  const data = { ...coverage({ 'ednn/1': 0.9, 'eca/1': 0.5 }, 0.98), baselines: [{ name: 'pcr', k: 1, coveredVariance: 0.4 }] };
  const { id, panels, legend, table } = coveredVarianceFigure(comparison(data));
  assert.equal(id, 'covered-variance');
  assert.deepEqual(
    panels.map(({ y }) => y.scale),
    [undefined, 'missing'],
  );
  assert.deepEqual(
    legend.map(({ label }) => label),
    ['EDNN', 'ECA', 'full emulator 0.980', 'PCA regression'],
  );
  assert.deepEqual(table().head, ['method', 'k', 'seeds', 'mean', 'low', 'high']);
  assert.deepEqual(table().rows.at(-1), ['PCA regression', 1, null, 0.4, null, null]);
  assert.deepEqual(table().rows.at(-2)?.slice(3), [0.98, null, null]);
});

test('points of a sweep lead to its best trials', () => {
  const data = coverage({ 'ednn/1': 0.9 }, null);
  const figure = sweepCoverageFigure(
    data,
    { name: 'demo', split: 'test', isEnded: true },
    { hrefOf: (row) => `/${row.bestTrial}` },
  );
  assert.equal(figure.title, 'Covered variance by width (test)');
  const links = figure.panels[0]?.marks.flatMap((mark) => (mark.kind === 'points' ? (mark.labels ?? []) : []));
  assert.deepEqual(
    links?.map(({ href }) => href),
    ['/s-0'],
  );
  assert.deepEqual(sweepCoverageFigure(null, { name: 'demo', split: 'test', isEnded: true }, {}).panels, []);
});

test('several sweeps share their scales', () => {
  const { panels, table } = sweepsCoverageFigure([
    { label: 'one', name: 'one', comparison: comparison(coverage({ 'ednn/1': 0.9 }, null)) },
    { label: 'two', name: 'two', comparison: comparison(coverage({ 'eca/3': 0.2 }, null)) },
    { label: 'three', name: 'three', comparison: null },
  ]);
  assert.equal(panels.length, 2);
  assert.deepEqual(panels[0]?.y.domain, panels[1]?.y.domain);
  assert.deepEqual(panels[0]?.x, panels[1]?.x);
  assert.deepEqual(
    table().rows.map(([name]) => name),
    ['one', 'two'],
  );
});
