import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeGroups, independentRows } from '../../../models/drift/exchange.ts';
import { testColumns } from '../../../models/drift/kolmogorov-smirnov.ts';
import { stream } from '../../../models/random.ts';
import { matrixOf } from '../../support/data.ts';

/** Tests columns of independent rows. */
function testRows(a: readonly number[][], b: readonly number[][], permutations: number) {
  const [left, right] = [a, b].map((columns) =>
    matrixOf(columns[0]?.length ?? 0, columns.length, (row, column) => columns[column]?.[row] ?? 0),
  ) as [ReturnType<typeof matrixOf>, ReturnType<typeof matrixOf>];
  return testColumns(
    left,
    right,
    exchangeGroups([independentRows(left.rows), independentRows(right.rows)], 1, 'rows'),
    permutations,
  ).tests;
}

test('the statistic is the largest gap between the distribution functions, with ties skipped together', () => {
  const statistic = (a: number[], b: number[]) => testRows([a], [b], 0)[0]?.statistic;
  assert.equal(statistic([1, 2, 3], [1, 2, 3]), 0);
  assert.equal(statistic([1, 2], [3, 4]), 1);
  assert.equal(statistic([4, 1, 1, 2], [1, 3]), 0.25);
});

// scipy 1.17: stats.ks_2samp(a, b, method='exact') has the statistic 0.6666667 and p = 0.1082251.
test('the probability is that of the exact test', () => {
  const [found] = testRows([[0.1, 0.4, 0.5, 0.9, 1.3, 0.2]], [[1.1, 1.2, 0.8, 2.0, 1.7]], 9999);
  assert.ok(Math.abs((found?.statistic ?? 0) - 0.6666667) < 1e-6);
  assert.ok(Math.abs((found?.probability ?? 0) - 0.1082251) < 0.015, `${found?.probability}`);
});

test('the rate of any descriptor is at most the level where nothing has shifted', () => {
  let [alarms, draws] = [0, 200];
  for (let draw = 0; draw < draws; draw++) {
    const { normal } = stream(draw, 'ks');
    const sample = () => Array.from({ length: 4 }, () => Array.from({ length: 30 }, normal));
    if (testRows(sample(), sample(), 99).some(({ rate }) => rate <= 0.05)) alarms++;
  }
  // 19 or more of 200 have a probability of 0.5 % at a rate of 5 %.
  assert.ok(alarms >= 2 && alarms <= 18, `${alarms} of ${draws}`);
});
