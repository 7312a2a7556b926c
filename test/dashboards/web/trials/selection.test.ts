import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../../../dashboards/web/trials/filter.ts';
import {
  type Brush,
  type Brushes,
  formatBrushes,
  parseBrushes,
  selectTrials,
  setBrush,
  toggleCategory,
} from '../../../../dashboards/web/trials/selection.ts';
import { createTable, type Field, mergeOutcomes, type TrialTable } from '../../../../dashboards/web/trials/table.ts';
import { rowsOf } from '../../../../search/columns/column.ts';
import { filled, outcomes, PARAMETERS, plan, six } from './synthetic.ts';

const NO_BRUSHES: Brushes = new Map();
const passing = (table: TrialTable, brushes: Brushes, where = '', top: number | null = null) =>
  Array.from(rowsOf(selectTrials(table, brushes, parseFilter(where, table).filter, top).mask));
const brush = (part: Partial<Brush>): Brush => ({ range: null, categories: null, none: false, ...part });

test('an empty selection selects everything', () => {
  const all = selectTrials(six(), NO_BRUSHES, null, null);
  assert.deepEqual([all.count, all.isEverything], [6, true]);
});

test('filter and brushes narrow together: ends of a range are included, missing values only on request', () => {
  const table = six();
  const cases: [string, Brushes, number[]][] = [
    ['', new Map([['validation', brush({ range: [0.1, 0.5] })]]), [0, 3]],
    ['', new Map([['validation', brush({ range: [0.1, 0.5], none: true })]]), [0, 2, 3, 4, 5]],
    ['', new Map([['validation', brush({ none: true })]]), [2, 4, 5]],
    ['', new Map([['method', brush({ categories: ['ednn', 'nnca'] })]]), [0, 2, 3, 5]],
    ['', new Map([['validation', brush({ range: [Number.NEGATIVE_INFINITY, 0.4] })]]), [0]],
    ['outcome=none', NO_BRUSHES, [4, 5]],
    ['outcome=completed', NO_BRUSHES, [0, 1, 3]],
    ['outcome=completed|diverged', NO_BRUSHES, [0, 1, 2, 3]],
    ['outcome!=diverged,method=ednn|nnca', NO_BRUSHES, [0, 3, 5]],
    ['validation>=0.5', NO_BRUSHES, [1, 3]],
    ['validation!=none', new Map([['method', brush({ categories: ['ednn'] })]]), [0, 3]],
    ['k=2', new Map([['validation', brush({ range: [0, 1] })]]), [3]],
  ];
  for (const [where, brushes, expected] of cases) {
    assert.deepEqual(passing(table, brushes, where), expected, `${where} ${formatBrushes(brushes)}`);
  }
});

test('the best n are chosen among the trials that pass, ties by the plan, trials without a score never', () => {
  const table = six();
  assert.deepEqual(passing(table, NO_BRUSHES, '', 2), [1, 3]);
  assert.deepEqual(passing(table, NO_BRUSHES, '', 100), [0, 1, 3]);
  assert.deepEqual(passing(table, NO_BRUSHES, 'method=ednn', 1), [3]);
  const tied = createTable(plan(5), PARAMETERS);
  mergeOutcomes(
    tied,
    outcomes(
      1,
      [0.5, 0.7, 0.5, 0.5, 0.7].map((validation, index) => ({ index, validation })),
    ),
  );
  assert.deepEqual(passing(tied, NO_BRUSHES, '', 3), [0, 1, 4]);
  assert.deepEqual(passing(tied, NO_BRUSHES, '', 1), [1]);
});

test('an invalid filter is reported and filters nothing', () => {
  const table = six();
  for (const [where, told] of [
    ['methd=eca', /methd/],
    ['method=eva', /eva/],
    ['validation>high', /number/],
    ['engine=kernel', /engine/],
  ] as const) {
    const { filter, fault } = parseFilter(where, table);
    assert.equal(filter, null, where);
    assert.match(fault?.message ?? '', told);
    assert.ok(fault?.fix, where);
  }
  assert.deepEqual(parseFilter('', table), { filter: null, fault: null });
});

test('brushes survive an address', () => {
  const brushes: Brushes = new Map([
    ['validation', brush({ range: [Number.NEGATIVE_INFINITY, 0.987654], none: true })],
    ['method', brush({ categories: ['eca', 'nnca'] })],
    ['seconds', brush({ none: true })],
  ]);
  assert.equal(formatBrushes(brushes), 'validation:-Infinity~0.987654|none;method:eca|nnca;seconds:none');
  const { brushes: back, faults } = parseBrushes(formatBrushes(brushes), six());
  assert.deepEqual([...back], [...brushes]);
  assert.deepEqual(faults, []);
});

test('invalid parts of an address are listed, and the others kept', () => {
  const { brushes, faults } = parseBrushes('colour:red;k:1~2;method:pca;k:2~1;validation:~;nonsense', six());
  assert.deepEqual([...brushes.keys()], ['k']);
  assert.deepEqual(faults, ['colour:red', 'method:pca', 'k:2~1', 'validation:~', 'nonsense']);
});

test('categories are toggled one by one, and all of them mean no brush', () => {
  const table = six();
  const method = table.fields.get('method') as Field;
  const one = toggleCategory(undefined, method, 'eca');
  assert.deepEqual(one, brush({ categories: ['eca'] }));
  const two = toggleCategory(one ?? undefined, method, 'ednn');
  assert.deepEqual(two?.categories, ['eca', 'ednn']);
  assert.equal(toggleCategory(two ?? undefined, method, 'nnca'), null);
  assert.deepEqual(
    setBrush(new Map([['method', brush({ categories: ['eca'] })]]), 'method', toggleCategory(one ?? undefined, method, 'eca')),
    new Map(),
  );
  const validation = table.fields.get('validation') as Field;
  assert.deepEqual(toggleCategory(brush({ range: [0, 1] }), validation, null), brush({ range: [0, 1], none: true }));
});

test('filter, brushes and the best n combine over 100,000 trials', () => {
  const table = filled(100_000);
  const brushes: Brushes = new Map([
    ['validation', brush({ range: [0.2, 0.9] })],
    ['method', brush({ categories: ['ednn', 'eca'] })],
    ['learningRate', brush({ range: [1e-3, 5e-2] })],
  ]);
  const { filter } = parseFilter('k<=2', table);
  const { mask, count } = selectTrials(table, brushes, filter, 1000);
  const value = (name: string, row: number) => table.fields.get(name)?.values[row] ?? Number.NaN;
  const passing = Array.from(mask.keys()).filter((row) => {
    const [validation, rate] = [value('validation', row), value('learningRate', row)];
    const isWithin = validation >= 0.2 && validation <= 0.9 && rate >= 1e-3 && rate <= 5e-2;
    return isWithin && value('method', row) < 2 && value('k', row) <= 2;
  });
  // Covered variance rises over the plan.
  assert.equal(count, 1000);
  assert.deepEqual(Array.from(rowsOf(mask)), passing.slice(-1000));
});
