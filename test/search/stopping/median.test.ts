import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median } from '../../../search/stopping/median.ts';
import type { RungCurve } from '../../../search/stopping/rung.ts';
import { context, curvesOf } from './curve-trials.ts';

const decide = (curves: readonly RungCurve[]) => median.decide({ rungs: 4 }, curves, context(40));

const TABLE: readonly { name: string; curves: RungCurve[]; promoted: number[]; pruned: number[] }[] = [
  {
    // Averages 0.5, 0.4, 0.3; medians of the others 0.35, 0.4 and 0.45.
    name: 'a best score below the median of the averages of the others stops',
    curves: curvesOf([
      ['a', [0.4, 0.6]],
      ['b', [0.3, 0.5]],
      ['c', [0.2, 0.4]],
    ]),
    promoted: [0, 1],
    pruned: [2],
  },
  {
    name: 'one at the median goes on',
    curves: curvesOf([
      ['a', [0.5, 0.5]],
      ['b', [0.1, 0.5]],
    ]),
    promoted: [0, 1],
    pruned: [],
  },
  {
    name: 'a late riser is compared by its best score, not its average',
    curves: curvesOf([
      ['a', [0.5, 0.5]],
      ['b', [-9, 0.6]],
      ['c', [0.4, 0.4]],
    ]),
    promoted: [0, 1, 2],
    pruned: [],
  },
  {
    // b has the better seed; means over seeds of best and average: 0.6 and 0.5, 0.45 and 0.45.
    name: 'seeds are averaged, and share a fate',
    curves: curvesOf([
      ['a', [0.4, 0.6], [0.4, 0.6]],
      ['b', [0.7, 0.7], [0.2, 0.2]],
    ]),
    promoted: [0, 1],
    pruned: [2, 3],
  },
  {
    name: 'one that lost a seed stops, and moves no median',
    curves: curvesOf([
      ['a', [0.9, 0.9]],
      ['b', [0.4, 0.5], [0.4, 0.5]],
      ['c', [0.4, 0.6], [0.4, 0.6]],
    ]),
    promoted: [1, 2, 3, 4],
    pruned: [0],
  },
  { name: 'a lone configuration goes on', curves: curvesOf([['a', [-3]]]), promoted: [0], pruned: [] },
  {
    name: 'scores beyond all numbers stop, the others do not',
    curves: curvesOf([
      ['a', [Number.NEGATIVE_INFINITY, 0.5]],
      ['b', [0.4, 0.5]],
      ['c', [0.4, 0.4]],
      ['d', []],
    ]),
    promoted: [0, 1, 2],
    pruned: [3],
  },
  { name: 'nothing there', curves: [], promoted: [], pruned: [] },
];
for (const { name, curves, promoted, pruned } of TABLE) {
  test(name, () => {
    assert.deepEqual(decide(curves), { promoted, pruned });
    assert.deepEqual(decide(curves.toReversed()), { promoted, pruned }, 'whatever the order of the rows');
  });
}

test('a trial that completed before counts, and is not decided about', () => {
  const [rising, low] = [[0.4, 0.6], [0.2]];
  const curves = [
    ...curvesOf([['a', rising]], { decided: 'completed' }),
    ...curvesOf([['b', low]]).map((one) => ({ ...one, index: 1 })),
  ];
  assert.deepEqual(decide(curves), { promoted: [], pruned: [1] });
});

test('medians without one value are those of the rest, for any number of curves', () => {
  for (const count of [2, 3, 4, 9, 10]) {
    const values = Array.from({ length: count }, (_, i) => ((i * 7) % count) / count);
    const curves = curvesOf(values.map((value, i) => [`h${i}`, [value]] as const));
    const expected = values.flatMap((value, i) => {
      const others = values.filter((_, other) => other !== i).sort((a, b) => a - b);
      const middle = others.length / 2;
      const of = ((others[Math.ceil(middle) - 1] as number) + (others[Math.floor(middle)] as number)) / 2;
      return value >= of ? [i] : [];
    });
    assert.deepEqual(decide(curves).promoted, expected);
  }
});

test('a plan has all configurations on every rung: scores decide how many stop', () => {
  assert.deepEqual(median.countEntrants({ rungs: 3 }, 12), [12, 12, 12]);
  assert.equal(median.isOpenEnded, true);
});
