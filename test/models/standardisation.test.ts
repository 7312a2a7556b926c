import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../models/axes.ts';
import type { Scaling } from '../../models/scaling.ts';
import { fitScaling, inUnitsOfScore, standardize, unstandardize } from '../../models/standardisation.ts';
import { matrixOf, noise } from '../support/data.ts';

const TRAIN = Uint32Array.from({ length: 60 }, (_, row) => row);
const ZSCORE = { x: 'zscore', y: 'zscore' } as const;
const CENTRE = { x: 'zscore', y: 'centre' } as const;

/** Columns 0 and 2 vary, 1 is constant, 3 only by rounding of its own size. */
function descriptors(): Matrix {
  const random = noise(100, 2, 'x');
  return matrixOf(100, 4, (row, column) => {
    if (column === 1) return 0.1;
    if (column === 3) return row === 5 ? 8979.001 : 8979;
    return 100 * (column + 1) + 3 * (random.data[2 * row + column / 2] as number);
  });
}

/** Column 1 is constant; column 2 varies a tenth as much as column 0. */
function spectra(): Matrix {
  const random = noise(100, 2, 'y');
  return matrixOf(100, 3, (row, column) => {
    if (column === 1) return 0.3;
    return 10 + (random.data[2 * row + column / 2] as number) / (column === 0 ? 1 : 10);
  });
}

function statistics({ columns, data }: Matrix, column: number, rows: Uint32Array) {
  const values = [...rows].map((row) => data[row * columns + column] as number);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

test('descriptors are standardised over the training rows only; constant ones are dropped and listed', () => {
  const x = descriptors();
  const { x: scaling } = fitScaling(x, spectra(), TRAIN, ZSCORE);
  assert.deepEqual([...scaling.kept], [0, 2]);
  assert.deepEqual(
    scaling.constants.map(({ column, value }) => [column, Number(value.toFixed(2))]),
    [
      [1, 0.1],
      [3, 8979],
    ],
  );
  const z = standardize(x, scaling);
  assert.deepEqual([z.rows, z.columns], [100, 2]);
  assert.ok(z.data.buffer instanceof SharedArrayBuffer);
  for (const column of [0, 1]) {
    const { mean, deviation } = statistics(z, column, TRAIN);
    assert.ok(Math.abs(mean) < 1e-6 && Math.abs(deviation - 1) < 1e-6);
    const all = statistics(
      z,
      column,
      Uint32Array.from({ length: 100 }, (_, row) => row),
    );
    assert.ok(Math.abs(all.mean) > 1e-3, 'rows outside training take no part');
  }
});

test('a descriptor that only one or two training rows vary is dropped: a tail of a histogram', () => {
  const random = noise(100, 1, 'x');
  const value: readonly ((row: number) => number)[] = [
    (row) => random.data[row] as number,
    (row) => (row === 7 ? 1e-10 : row === 80 ? 1 : 0),
    (row) => (row === 7 ? 1 : row === 9 ? 0.02 : 1e-9 * row),
    (row) => (row % 25 === 7 ? 1 : 0),
    (row) => (row === 7 ? 1000 : (random.data[row] as number)),
  ];
  const x = matrixOf(100, value.length, (row, column) => (value[column] as (row: number) => number)(row));
  const { x: scaling } = fitScaling(x, spectra(), TRAIN, CENTRE);
  assert.deepEqual([...scaling.kept], [0, 3, 4], 'three rows are learned from, and an outlier hides no descriptor');
  const few = fitScaling(x, spectra(), TRAIN.subarray(0, 20), CENTRE);
  assert.deepEqual([...few.x.kept], [0, 1, 2, 3, 4]);
});

test('centred targets share one pooled deviation, so that their relative sizes remain', () => {
  const y = spectra();
  const { y: scaling } = fitScaling(descriptors(), y, TRAIN, CENTRE);
  const squares = [0, 1, 2].map((column) => statistics(y, column, TRAIN).deviation ** 2);
  const pooled = Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / 3);
  for (const deviation of scaling.deviation) assert.ok(Math.abs(deviation / pooled - 1) < 1e-12);
  const z = standardize(y, scaling);
  const mean = [0, 1, 2].reduce((sum, column) => sum + statistics(z, column, TRAIN).deviation ** 2, 0) / 3;
  assert.ok(Math.abs(mean - 1) < 1e-6, 'the loss is of order one');
});

test('a constant target is kept, as zeros, under either scaling', () => {
  for (const scale of [CENTRE, ZSCORE]) {
    const y = spectra();
    const { y: scaling, scaleY } = fitScaling(descriptors(), y, TRAIN, scale);
    assert.equal(scaleY, scale.y);
    const z = standardize(y, scaling);
    assert.equal(z.columns, 3);
    for (let row = 0; row < 100; row++) assert.ok(Math.abs(z.data[3 * row + 1] as number) < 1e-6);
  }
});

test('physical units are restored, constant columns included', () => {
  const x = descriptors();
  const y = spectra();
  const { x: forX, y: forY } = fitScaling(x, y, TRAIN, ZSCORE);
  for (const [values, scaling] of [[x, forX] as const, [y, forY] as const]) {
    const back = unstandardize(standardize(values, scaling), scaling);
    assert.deepEqual([back.rows, back.columns], [values.rows, values.columns]);
    back.data.forEach((value, i) => {
      assert.ok(Math.abs(value - (values.data[i] as number)) <= 1e-6 * Math.max(1, Math.abs(value)), `${i}`);
    });
  }
});

test('scores are pooled over targets in their deviations with zscore, and as they are with centre', () => {
  const y = spectra();
  const scalings = [ZSCORE, CENTRE].map((scale) => fitScaling(descriptors(), y, TRAIN, scale)) as [Scaling, Scaling];
  assert.deepEqual(inUnitsOfScore(y, scalings[0]), standardize(y, scalings[0].y));
  assert.equal(inUnitsOfScore(y, scalings[1]), y);
});

test('data without variation, and other columns than fitted, are rejected', () => {
  const constant = matrixOf(100, 2, () => 0.1);
  assert.throws(() => fitScaling(constant, spectra(), TRAIN, CENTRE), /no descriptor varies over the training rows/);
  assert.throws(() => fitScaling(descriptors(), constant, TRAIN, CENTRE), /no target varies over the training rows/);
  const { x } = fitScaling(descriptors(), spectra(), TRAIN, CENTRE);
  assert.throws(() => standardize(spectra(), x), /3 columns where the scaling was fitted on 4/);
});
