import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import {
  columnMeans,
  coveredVariance,
  coveredVarianceByColumn,
  coveredVarianceFromSums,
  squaresByColumn,
  totalSquares,
} from '../../../models/evaluation/covered-variance.ts';
import { matrixOf, noise } from '../../support/data.ts';

const matrix = (rows: number[][]): Matrix => ({
  rows: rows.length,
  columns: rows[0]?.length ?? 0,
  data: Float32Array.from(rows.flat()),
});

/** By hand: column means 2 and 4; squares 1 + 0 + 1 and 4 + 0 + 4, ten in all. */
const Y = matrix([
  [1, 2],
  [2, 4],
  [3, 6],
]);

test('covered variance equals a calculation by hand, pooled and by column', () => {
  const prediction = matrix([
    [1, 2],
    [2, 4],
    [2, 4],
  ]);
  assert.equal(totalSquares(Y), 10);
  assert.deepEqual([...squaresByColumn(Y)], [2, 8]);
  assert.equal(coveredVariance(Y, prediction), 1 - (1 + 4) / 10);
  assert.deepEqual([...coveredVarianceByColumn(Y, prediction)], [1 - 1 / 2, 1 - 4 / 8]);
});

test('a perfect model scores 1, the mean 0, and a bad model below 0', () => {
  assert.equal(coveredVariance(Y, Y), 1);
  assert.equal(
    coveredVariance(
      Y,
      matrixOf(3, 2, (_, column) => [2, 4][column] as number),
    ),
    0,
  );
  assert.equal(
    coveredVariance(
      Y,
      matrixOf(3, 2, (row, column) => -(Y.data[2 * row + column] as number)),
    ),
    1 - (4 * 70) / 10,
  );
});

test('means are taken over the evaluated rows', () => {
  assert.deepEqual([...columnMeans(Y, [0, 2])], [2, 4]);
  assert.deepEqual([...columnMeans(Y, [1])], [2, 4]);
  assert.equal(totalSquares(Y, [0, 1]), 0.5 + 2);
});

test('sums are accumulated in float64: a small signal on a large offset', () => {
  const y = matrixOf(20_000, 1, (row) => 4096 + (row % 2) / 1024);
  const expected = 20_000 / 4 / 1024 ** 2;
  assert.ok(Math.abs(totalSquares(y) / expected - 1) < 1e-9);
});

test('units and offsets of a pair of columns do not matter', () => {
  const y = noise(50, 4, 'y');
  const prediction = noise(50, 4, 'prediction');
  const scaled = ({ rows, columns, data }: Matrix) => ({ rows, columns, data: data.map((value) => 8 * value) });
  assert.equal(coveredVariance(scaled(y), scaled(prediction)), coveredVariance(y, prediction));
});

test('rows that do not vary have no covered variance; shapes must agree', () => {
  assert.ok(Number.isNaN(coveredVarianceFromSums(0, 0)));
  assert.ok(Number.isNaN(coveredVariance(matrix([[1, 2]]), matrix([[1, 2]]))));
  assert.throws(() => coveredVariance(Y, matrix([[1, 2]])), RangeError);
});
