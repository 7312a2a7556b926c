/** On the shipped data: what has not drifted is seldom said to have, what has is found. The champion here is a linear map, which needs no training. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Matrix, pickRows } from '../../../models/axes.ts';
import { type DriftSample, findDrift, holm } from '../../../models/drift/drift.ts';
import { shuffle } from '../../../models/random.ts';
import { matrixOf } from '../../support/data.ts';
import { wholeFolder } from '../../support/whole.ts';

const ROWS = 1200;

async function sampleOf(dataset: string): Promise<DriftSample> {
  const folder = wholeFolder(fileURLToPath(new URL(`../../../examples/${dataset}`, import.meta.url)));
  const [x, y] = await Promise.all([folder.matrix('X.npy'), folder.matrix('Y_xes.npy')]);
  return firstRows({ x, y, prediction: linear(x, y) }, ROWS);
}

/** Least squares of each energy on the first descriptor: a poor champion, and no worse a subject of a test. */
function linear(x: Matrix, y: Matrix): Matrix {
  const column = (matrix: Matrix, c: number) =>
    Float64Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * matrix.columns + c] as number);
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const first = column(x, 0);
  const centre = mean(first);
  const squares = first.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const lines = Array.from({ length: y.columns }, (_, e) => {
    const values = column(y, e);
    const slope = values.reduce((sum, value, row) => sum + value * ((first[row] as number) - centre), 0) / squares;
    return { slope, offset: mean(values) - slope * centre };
  });
  return matrixOf(x.rows, y.columns, (row, e) => {
    const { slope, offset } = lines[e] as { slope: number; offset: number };
    return offset + slope * (first[row] as number);
  });
}

const picked = ({ x, y, prediction }: DriftSample, rows: Uint32Array): DriftSample => ({
  x: pickRows(x, rows),
  y: pickRows(y, rows),
  prediction: pickRows(prediction, rows),
});
const firstRows = (sample: DriftSample, count: number) =>
  picked(
    sample,
    Uint32Array.from({ length: Math.min(count, sample.x.rows) }, (_, row) => row),
  );

test('rows of the same data are seldom said to have drifted, hotter water always', async () => {
  const [water, hot] = await Promise.all([sampleOf('water'), sampleOf('water-hot')]);
  const everyRow = Uint32Array.from({ length: ROWS }, (_, row) => row);
  const draws = 12;
  let alarms = 0;
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffle(everyRow, draw, 'rows');
    const { verdict } = findDrift(picked(water, order.slice(200)), picked(water, order.slice(0, 200)), {
      alpha: 0.05,
      seed: draw,
    });
    if (verdict !== 'none') alarms++;
  }
  assert.ok(alarms <= 3, `${alarms} false alarms of ${draws}`);
  for (let draw = 0; draw < 3; draw++) {
    const rows = shuffle(
      Uint32Array.from({ length: hot.x.rows }, (_, row) => row),
      draw,
      'hot',
    ).slice(0, 200);
    const drift = findDrift(water, picked(hot, rows), { alpha: 0.05, seed: draw });
    assert.notEqual(drift.verdict, 'none');
    assert.deepEqual(
      findDrift(water, picked(hot, rows), { alpha: 0.05, seed: draw }),
      drift,
      'the same samples give the same numbers',
    );
  }
});

test('of several hypotheses those fall whose turn comes before the first that stands', () => {
  assert.deepEqual(holm([0.03, 0.01, 0.2], 0.05), [false, true, false]);
  assert.deepEqual(holm([0.02, 0.01, 0.04], 0.05), [true, true, true]);
  assert.deepEqual(holm([0.02, 0.01, 0.06], 0.05), [true, true, false]);
  assert.deepEqual(holm([], 0.05), []);
});
