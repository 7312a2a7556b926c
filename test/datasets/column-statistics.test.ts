import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statisticsOf, varies } from '../../datasets/column-statistics.ts';
import { columnMeans, squaresByColumn } from '../../models/evaluation/covered-variance.ts';
import { matrixOf, noise } from '../support/data.ts';

test('mean and deviation of all rows of several arrays, as two passes find them', () => {
  const random = noise(90, 3, 'x');
  const whole = matrixOf(90, 3, (row, column) => 10 ** column * (1 + (random.data[3 * row + column] as number)));
  const part = (from: number, to: number) => ({ rows: to - from, columns: 3, data: whole.data.slice(3 * from, 3 * to) });
  const [means, squares] = [columnMeans(whole), squaresByColumn(whole)];
  for (const [column, { mean, deviation }] of statisticsOf([part(0, 40), part(40, 40), part(40, 90)]).entries()) {
    assert.ok(Math.abs(mean / (means[column] as number) - 1) < 1e-12);
    assert.ok(Math.abs(deviation / Math.sqrt((squares[column] as number) / 90) - 1) < 1e-9);
  }
});

test('digits of a large mean are kept, and there are no columns without rows', () => {
  const data = Float64Array.from({ length: 100 }, (_, row) => 1e9 + (row % 2) * 1e-3);
  const [only] = statisticsOf([{ rows: 100, columns: 1, data }]);
  assert.ok(Math.abs((only?.deviation ?? 0) - 5e-4) < 1e-6);
  assert.deepEqual(statisticsOf([{ rows: 0, columns: 2, data: new Float64Array(0) }]), []);
});

test('a column varies by the rule of a sweep', () => {
  assert.equal(varies({ mean: 8979, deviation: 0.001 }), false);
  assert.equal(varies({ mean: 8979, deviation: 0.1 }), true);
  assert.equal(varies({ mean: 0, deviation: 0 }), false);
  assert.equal(varies({ mean: 1e-30, deviation: 1e-31 }), true);
});
