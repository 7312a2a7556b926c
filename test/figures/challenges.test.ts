import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { challengeSides, challengesFigure } from '../../figures/challenges.ts';
import { championPanels } from '../../figures/champions.ts';
import { driftFigure, formatProbability, sortByShift } from '../../figures/drift.ts';

describe('challenges', () => {
  const difference = { mean: 0.01, low: 0.005, high: 0.02 };
  const held = { rows: 150, champion: 0.8, challenger: 0.81, difference };
  const about = { method: 'nnca', k: 1, championId: 1, championTrial: 'a', challengerTrial: 'b', continuity: null } as const;
  it('is a row for each hold-out; where none was large enough, one that says why', () => {
    const judged = { ...about, fresh: held, old: held, both: held, promoted: true, reason: 'better' };
    const few = { ...about, fresh: null, old: null, both: null, promoted: false, reason: 'too few' };
    assert.deepEqual(
      challengeSides(judged).map(({ name }) => name),
      ['new rows', 'old rows', 'all rows'],
    );
    const { head, rows } = challengesFigure([judged, few], 0.01, 'c').table();
    assert.deepEqual([rows.length, new Set(rows.map((row) => row.length))], [4, new Set([head.length])]);
    assert.deepEqual(rows.at(-1)?.slice(-2), ['kept', 'too few']);
  });
});

it('draws a panel for each challenge that was measured', () => {
  const difference = { mean: 0.01, low: 0.005, high: 0.02 };
  const side = { rows: 150, champion: 0.8, challenger: 0.81, difference };
  const judged = { method: 'nnca', k: 1, promoted: true, reason: 'better', fresh: side, old: null, both: side } as const;
  const { panels } = challengesFigure([judged, { ...judged, both: null }], 0.01, 'c');
  assert.equal(panels.length, 1);
  assert.deepEqual(panels[0]?.y.names, ['all rows (150)', 'new rows (150)']);
  assert.match(panels[0]?.description ?? '', /NNCA, k = 1: challenger minus champion, new rows 0.01 \[0.005, 0.02\]/);
});

it('draws a panel for each width, with links and verdicts', () => {
  const point = { step: 1, kind: 'promoted', coveredVariance: 0.9, other: { coveredVariance: 0.8 } } as const;
  const { panels, legend } = championPanels({
    steps: [
      { kind: 'first', verdict: null },
      { kind: 'promoted', verdict: 'performance' },
    ],
    cells: [
      { method: 'eca', k: 2, points: [{ ...point, step: 0, coveredVariance: null }, point] },
      { method: 'ednn', k: 1, points: [] },
    ],
    names: ['100', '200'],
    textOf: ({ method }, { step }) => `${method} at ${step}`,
    hrefOf: ({ step }) => `/champions/${step}`,
  });
  assert.deepEqual(
    panels.map(({ title }) => title),
    ['k = 1', 'k = 2'],
  );
  const links = panels[1]?.marks.flatMap((mark) => (mark.kind === 'points' ? (mark.labels ?? []) : []));
  assert.deepEqual(links, [{ text: 'eca at 1', href: '/champions/1' }]);
  assert.ok(legend.some(({ label }) => label === 'performance drifted'));
});

it('names the descriptors that shifted most first, each with its q', () => {
  const one = (name: string, rate: number, shifted: boolean) => ({
    name,
    column: 0,
    statistic: 0.1,
    probability: rate,
    rate,
    shifted,
  });
  const { panels, table } = driftFigure(
    { descriptors: [one('a', 0.5, false), one('b', 0.001, true)], inputs: { permutations: 999 } },
    'd',
    'About.',
  );
  assert.deepEqual(panels[0]?.y.names, ['a', 'b'], 'the last is on top');
  assert.deepEqual(
    panels[0]?.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : [])),
    ['q 0.5', 'q ≤ 0.001'],
  );
  assert.deepEqual(table().rows[0], ['b', 0.1, 0.001, 0.001, 'shifted']);
});

it('descriptors that shifted most come first, and tiny chances are bounds', () => {
  const one = (name: string, rate: number) => ({ name, column: 0, statistic: 0.1, probability: rate, rate, shifted: false });
  assert.deepEqual(
    sortByShift([one('a', 0.5), one('b', 0.001)]).map(({ name }) => name),
    ['b', 'a'],
  );
  assert.deepEqual(
    [0.001, 1e-9, 0.002, 0.0234].map((probability) => formatProbability(probability, 999)),
    ['≤ 0.001', '≤ 0.001', '0.002', '0.023'],
  );
});
