import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createBrackets } from '../../../search/stopping/brackets.ts';
import { decidePromotions, halving, rungEpochs, survivorCount } from '../../../search/stopping/halving.ts';
import type { RungScore } from '../../../search/stopping/rung.ts';

test('rungs end at epochs / reduction^rest, the last at all epochs', () => {
  assert.deepEqual(rungEpochs(200, 3, 3), [23, 67, 200]);
  assert.deepEqual(rungEpochs(81, 3, 5), [1, 3, 9, 27, 81]);
  assert.deepEqual(rungEpochs(100, 2, 2), [50, 100]);
});

test('a rung keeps the better part of its entrants, at least one', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 5, 6, 9, 100].map((n) => survivorCount(n, 3)),
    [0, 1, 1, 1, 1, 2, 3, 33],
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

describe('with brackets', () => {
  const settings = { reduction: 3, rungs: 3, brackets: 3 };
  /** Brackets of the first points, by their numbers. */
  const BRACKETS = Array.from({ length: 18 }, (_, point) => createBrackets(settings)(point));
  const inBracket = (bracket: number) => BRACKETS.flatMap((of, point) => (of === bracket ? [point] : []));
  /** Two seeds of each point; the later, the better. */
  const reached = (points: readonly number[]): RungScore[] =>
    points.flatMap((point) =>
      [0, 1].map((seed): RungScore => {
        const trial = { index: 2 * point + seed, cell: 'eca', partition: 0, configurationHash: `${point}` };
        return { ...trial, validation: point / 100, decided: null };
      }),
    );
  const decide = (points: readonly number[], rung: number) =>
    halving.decide(settings, reached(points), { rung, epochs: 9, pointOf: (index) => Math.floor(index / 2) });
  const pointsOf = (trials: readonly number[]) => [...new Set(trials.map((index) => Math.floor(index / 2)))];

  test('a bracket passes the rungs before its own unjudged, and competes with itself alone', () => {
    const [first, second, third] = [inBracket(0), inBracket(1), inBracket(2)];
    assert.ok(first.length >= 6 && second.length >= 3 && third.length >= 1, String(BRACKETS));
    const best = (points: readonly number[]) => points.slice(-survivorCount(points.length, 3));
    const sorted = (...points: number[]) => points.sort((a, b) => a - b);
    const afterFirst = pointsOf(decide([...BRACKETS.keys()], 0).promoted);
    assert.deepEqual(afterFirst, sorted(...best(first), ...second, ...third));
    const afterSecond = decide(afterFirst, 1);
    assert.deepEqual(pointsOf(afterSecond.promoted), sorted(...best(best(first)), ...best(second), ...third));
    assert.equal(afterSecond.promoted.length % 2, 0, 'both seeds of a configuration');
  });

  test('the plan counts the entrants of all brackets', () => {
    const sizes = [0, 1, 2].map((bracket) => inBracket(bracket).length);
    const [a, b, c] = sizes as [number, number, number];
    const third = (count: number) => survivorCount(count, 3);
    assert.deepEqual(halving.countEntrants(settings, 18), [18, third(a) + b + c, third(third(a)) + third(b) + c]);
    // With few points, brackets are empty; without brackets it is plain halving.
    assert.deepEqual(halving.countEntrants(settings, 1), [1, 1, 1]);
    assert.deepEqual(halving.countEntrants(settings, 0), [0, 0, 0]);
    assert.deepEqual(halving.countEntrants({ reduction: 3, rungs: 3 }, 18), [18, 6, 2]);
    for (const points of [2, 3, 5, 18]) {
      let alive: readonly number[] = Array.from({ length: points }, (_, point) => point);
      const entered = [0, 1].map((rung) => {
        alive = pointsOf(decide(alive, rung).promoted);
        return alive.length;
      });
      assert.deepEqual(halving.countEntrants(settings, points), [points, ...entered]);
    }
  });
});
