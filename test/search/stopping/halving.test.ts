import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePromotions, type RungScore, rungEpochs, survivorCount } from '../../../search/stopping/halving.ts';

test('rungs end at epochs / reduction^rest, the last at all epochs', () => {
  assert.deepEqual(rungEpochs(200, 3, 3), [23, 67, 200]);
  assert.deepEqual(rungEpochs(81, 3, 5), [1, 3, 9, 27, 81]);
  assert.deepEqual(rungEpochs(100, 2, 2), [50, 100]);
});

test('a rung keeps the better part of its entrants, at least one', () => {
  assert.deepEqual(
    [1, 2, 3, 5, 6, 9, 100].map((n) => survivorCount(n, 3)),
    [1, 1, 1, 1, 2, 3, 33],
  );
});

/** 'cell hash validation seeds…' in shorthand: one score per number. */
function scores(
  rows: readonly [cell: string, hash: string, ...validation: number[]][],
  decided: RungScore['decided'] = null,
): RungScore[] {
  let index = 0;
  return rows.flatMap(([cell, configurationHash, ...values]) =>
    values.map((validation) => ({ index: index++, cell, partition: 0, configurationHash, validation, decided })),
  );
}

const table: readonly { name: string; rows: RungScore[]; reduction: number; promoted: number[]; pruned: number[] }[] = [
  {
    name: 'the best third of three',
    rows: scores([
      ['ednn/1', 'a', 0.1],
      ['ednn/1', 'b', 0.3],
      ['ednn/1', 'c', 0.2],
    ]),
    reduction: 3,
    promoted: [1],
    pruned: [0, 2],
  },
  {
    name: 'cells do not compete with each other',
    rows: scores([
      ['ednn/1', 'a', 0.1],
      ['ednn/1', 'b', 0.2],
      ['ednn/2', 'c', 0.9],
      ['ednn/2', 'd', 0.8],
    ]),
    reduction: 2,
    promoted: [1, 2],
    pruned: [0, 3],
  },
  {
    name: 'a configuration is judged by the mean over its seeds, and its seeds share its fate',
    rows: scores([
      ['nnca/1', 'a', 0.9, 0.1],
      ['nnca/1', 'b', 0.6, 0.6],
    ]),
    reduction: 2,
    promoted: [2, 3],
    pruned: [0, 1],
  },
  {
    name: 'a configuration that lost a seed ranks below the whole ones',
    rows: scores([
      ['nnca/1', 'a', 0.9],
      ['nnca/1', 'b', 0.5, 0.5],
    ]),
    reduction: 2,
    promoted: [1, 2],
    pruned: [0],
  },
  {
    name: 'ties go by hash',
    rows: scores([
      ['eca', 'b', 0.5],
      ['eca', 'a', 0.5],
    ]),
    reduction: 2,
    promoted: [1],
    pruned: [0],
  },
  {
    name: 'negative scores rank like any other',
    rows: scores([
      ['eca', 'a', -3],
      ['eca', 'b', -1],
    ]),
    reduction: 2,
    promoted: [1],
    pruned: [0],
  },
  { name: 'a lone configuration goes on', rows: scores([['eca', 'a', -3]]), reduction: 4, promoted: [0], pruned: [] },
  { name: 'nobody there', rows: [], reduction: 3, promoted: [], pruned: [] },
];

for (const { name, rows, reduction, promoted, pruned } of table) {
  test(name, () => {
    assert.deepEqual(decidePromotions(rows, reduction), { promoted, pruned });
    assert.deepEqual(decidePromotions([...rows].reverse(), reduction), { promoted, pruned }, 'whatever the order of the rows');
  });
}

test('earlier decisions are kept', () => {
  const rows = scores([
    ['ednn/1', 'a', 0.1],
    ['ednn/1', 'b', 0.3],
  ]).map((row): RungScore => ({ ...row, decided: row.configurationHash === 'b' ? 'promoted' : 'pruned' }));
  assert.deepEqual(decidePromotions(rows, 2), { promoted: [], pruned: [] });
});

test('a late trial follows its siblings, whatever its score', () => {
  const rows: RungScore[] = [
    { index: 0, cell: 'eca', partition: 0, configurationHash: 'a', validation: 0.2, decided: 'pruned' },
    { index: 1, cell: 'eca', partition: 0, configurationHash: 'a', validation: 0.99, decided: null },
    { index: 2, cell: 'eca', partition: 0, configurationHash: 'b', validation: 0.5, decided: 'promoted' },
    { index: 3, cell: 'eca', partition: 0, configurationHash: 'b', validation: 0.1, decided: null },
  ];
  assert.deepEqual(decidePromotions(rows, 2), { promoted: [3], pruned: [1] });
});

test('trials compete within their partition: scores of other validation rows do not count', () => {
  const rows = [0, 1].flatMap((partition) =>
    scores([
      ['eca', 'a', 0.3, 0.3],
      ['eca', 'b', 0.6, 0.1],
    ]).map((row): RungScore => {
      // In the second partition all scores are higher, and the other configuration is better.
      const validation = partition === 0 ? row.validation : 1.5 - row.validation;
      return { ...row, index: 4 * partition + row.index, partition, validation };
    }),
  );
  assert.deepEqual(decidePromotions(rows, 2), { promoted: [2, 3, 4, 5], pruned: [0, 1, 6, 7] });
});
