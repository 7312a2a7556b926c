/**
 * Samples of the shipped data with and without drift. The champion is a linear map, which needs no
 * training.
 */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { withScratch } from '../../datasets/files/scratch.ts';
import { openDatasetFolder } from '../../datasets/import/folder.ts';
import { type Matrix, pickRows } from '../../models/axes.ts';
import { type Drift, detectDrift } from '../../models/drift/drift.ts';
import type { DriftSample } from '../../models/drift/sample-tests.ts';
import { shuffle } from '../../models/random.ts';
import { FEWEST_HOLD_OUT_GROUPS } from '../../search/retraining.ts';
import { matrixOf, wholeMatrix } from './data.ts';

/** Returns the first rows of a shipped dataset. */
export async function loadSample(dataset: string, rows = 1200): Promise<DriftSample> {
  const directory = fileURLToPath(new URL(`../../examples/${dataset}`, import.meta.url));
  const [x, y] = await withScratch(tmpdir(), (scratch) => {
    const folder = openDatasetFolder(directory, scratch);
    return Promise.all([wholeMatrix(folder.matrix('X.npy')), wholeMatrix(folder.matrix('Y_xes.npy'))]);
  });
  return firstRows({ x, y, prediction: predictLinear(x, y), groups: null }, rows);
}

/**
 * Returns the least-squares predictions [rows, energies] of each energy from the first descriptor.
 * An inaccurate champion is sufficient for these tests.
 */
function predictLinear(x: Matrix, y: Matrix): Matrix {
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

const pickSample = ({ x, y, prediction }: DriftSample, rows: Uint32Array): DriftSample => ({
  groups: null,
  x: pickRows(x, rows),
  y: pickRows(y, rows),
  prediction: pickRows(prediction, rows),
});
const firstRows = (sample: DriftSample, count: number) =>
  pickSample(
    sample,
    Uint32Array.from({ length: Math.min(count, sample.x.rows) }, (_, row) => row),
  );

const drawOrder = (sample: DriftSample, draw: number) =>
  shuffle(
    Uint32Array.from({ length: sample.x.rows }, (_, row) => row),
    draw,
    'rows',
  );

const optionsOf = (seed: number) => ({ alpha: 0.05, fewestGroups: FEWEST_HOLD_OUT_GROUPS, seed });

/** Tests `count` random rows of a sample against its other rows, which have no drift. */
export function detectDriftWithin(sample: DriftSample, draw: number, count = 200): Drift {
  const order = drawOrder(sample, draw);
  return detectDrift(pickSample(sample, order.slice(count)), pickSample(sample, order.slice(0, count)), optionsOf(draw));
}

/** Tests `count` random rows of `later` against all rows of `earlier`. */
export function detectDriftBetween(earlier: DriftSample, later: DriftSample, draw: number, count = 200): Drift {
  return detectDrift(earlier, pickSample(later, drawOrder(later, draw).slice(0, count)), optionsOf(draw));
}
