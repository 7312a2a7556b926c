import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { scoreBaselines } from '../../models/evaluation/baselines.ts';
import { fitScaling, standardize } from '../../models/standardisation.ts';
import { descriptorVariation } from '../../models/variation.ts';
import { matrixOf, noise, taskOf, unwatched } from '../support/data.ts';
import { dustyHistograms } from './dusty-histograms.ts';

const ROWS = 200;
const every = Uint32Array.from({ length: ROWS }, (_, row) => row);
const scaleOf = (columns: number, isCount: boolean) => [
  { columns: Array.from({ length: columns }, (_, column) => column), isCount },
];

/** Returns the columns that vary, of columns given by row. */
function varying(values: readonly ((row: number) => number)[], isCount: boolean, rows = every): number[] {
  const x = matrixOf(ROWS, values.length, (row, column) => (values[column] as (row: number) => number)(row));
  return descriptorVariation(x, rows, scaleOf(values.length, isCount)).flatMap(({ column, varies }) => (varies ? [column] : []));
}

test('counts below those of 2.5 rows with one thing more are dust, whatever larger counts there are', () => {
  const tail = (row: number) => (row % 20 === 0 ? 1e-8 : 0);
  const partial = (row: number) => (row % 20 === 0 ? 0.4 : 0);
  const single = (row: number) => (row % 60 === 0 ? 1 : 0);
  const shell = (row: number) => (row % 2) * 12;
  assert.deepEqual(varying([tail, partial, single, shell], true), [2, 3]);
  // A wide Gaussian leaves a fifth of a count in each bin: that is then what one thing adds.
  const wide = (row: number) => (row % 20 === 0 ? 0.1 : 0);
  assert.deepEqual(varying([tail, wide, (row) => (row % 2) / 5], true), [1, 2]);
  assert.deepEqual(varying([tail, partial, single], true, every.subarray(0, 29)), [0, 1, 2], 'few rows show nothing');
});

test('small values that vary in most rows are no dust', () => {
  const { data } = noise(ROWS, 1, 'small');
  const small = (row: number) => 1e-9 * (data[row] as number);
  const large = (row: number) => 1e3 * (data[ROWS - 1 - row] as number);
  assert.deepEqual(varying([small, large], true), [0, 1]);
  assert.deepEqual(varying([small, large], false), [0, 1]);
});

test('a column of a table that is constant but for dust below the rounding of others in its unit is dropped', () => {
  const dust = (row: number) => (row % 20 === 0 ? 1e-10 : 0);
  const rare = (row: number) => (row % 20 === 0 ? 1e-3 : 0);
  const usual = (row: number) => row % 7;
  assert.deepEqual(varying([dust, rare, usual], false), [1, 2]);
  const x = matrixOf(ROWS, 2, (row, column) => (column === 0 ? dust(row) : usual(row)));
  const alone = descriptorVariation(x, every, [
    { columns: [0], isCount: false },
    { columns: [1], isCount: false },
  ]);
  assert.deepEqual(
    alone.map(({ varies }) => varies),
    [true, true],
    'in a unit of its own',
  );
});

test('dust in the columns of a rare neighbour costs no covered variance', async () => {
  const { x, withoutRare, y, split } = dustyHistograms();
  const scores: { emulator: number; ridge: number }[] = [];
  const engine = createKernelEngine({ threads: 1 });
  for (const structures of [x, withoutRare]) {
    const scaling = fitScaling(structures, y, split.train, { x: 'zscore', y: 'centre' }, scaleOf(structures.columns, true));
    const data = { x: standardize(structures, scaling.x), y: standardize(y, scaling.y), rows: split, scaling };
    const recipe = { epochs: 40, batch: 64, learningRate: 0.02, hidden: [32, 32] };
    const [report] = await engine.train({ data, tasks: [taskOf({ method: 'eca', k: 1, ...recipe })] }, unwatched());
    assert.equal(report?.outcome, 'completed');
    const ridge = scoreBaselines(data, [1]).find(({ name, split: part }) => name === 'ridge' && part === 'test');
    const emulator = report.emulator.find(({ split: part }) => part === 'test');
    scores.push({ emulator: emulator?.coveredVariance as number, ridge: ridge?.coveredVariance as number });
  }
  await engine.close();
  const [dusty, clean] = scores as [(typeof scores)[0], (typeof scores)[0]];
  for (const name of ['emulator', 'ridge'] as const) {
    assert.ok(clean[name] > 0.2, `${name} ${clean[name]}`);
    assert.ok(dusty[name] > clean[name] - 0.05, `${name}: ${dusty[name]}, ${clean[name]} without the rare neighbour`);
  }
});
