import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seriesQuantities } from '../../../datasets/metadata.ts';
import { read, reconstructSeries } from '../../../models/interpretation/series.ts';
import { matrixOf, noise, packDataOf } from '../../support/data.ts';

const distance = (i: number, j: number, elements: [string, string], numerator: number) => ({
  name: `${elements[0]}${i}-${elements[1]}${j}`,
  unit: '1/angstrom',
  distance: { numerator, unit: 'angstrom', pair: [`${elements[0]}${i}`, `${elements[1]}${j}`] as const },
});

test('quantities of a Coulomb matrix: mean distances from the site to each element, to 1e-5 of the true ones', () => {
  const columns = [
    distance(0, 1, ['Ge', 'O'], 256),
    distance(0, 2, ['Ge', 'O'], 256),
    distance(0, 1, ['Ge', 'Ge'], 1024),
    distance(1, 2, ['O', 'O'], 64),
  ];
  const quantities = seriesQuantities(columns);
  assert.deepEqual(
    quantities.map(({ name, unit, columns: own }) => [name, unit, own.map(({ column }) => column)]),
    [
      ['Ge-O distance', 'angstrom', [0, 1]],
      ['Ge-Ge distance', 'angstrom', [2]],
    ],
  );
  const R = [1.7, 1.9, 3.1];
  const x = Float32Array.of(256 / 1.7, 256 / 1.9, 1024 / 3.1, 64 / 2.8);
  assert.ok(Math.abs(read(quantities[0] as never, x) - ((R[0] as number) + (R[1] as number)) / 2) < 1e-5 * 1.8);
  assert.ok(Math.abs(read(quantities[1] as never, x) - 3.1) < 1e-5 * 3.1);
});

test('without distances few descriptors are quantities themselves, and many are none', () => {
  const plain = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `d${i}`, unit: 'angstrom' }));
  assert.deepEqual(
    seriesQuantities(plain(3)).map(({ name }) => name),
    ['d0', 'd1', 'd2'],
  );
  assert.deepEqual(seriesQuantities(plain(105)), []);
});

/** Ten groups whose first descriptor rises; the second is noise. */
const pressures = Array.from({ length: 1000 }, (_, row) => String(10 * Math.floor(row / 100)));
const own = noise(1000, 2, 'structures');
const data = packDataOf(
  matrixOf(1000, 2, (row, d) =>
    d === 0 ? 2 + 0.1 * Math.floor(row / 100) + 0.02 * (own.data[2 * row] as number) : 5 + (own.data[2 * row + 1] as number),
  ),
  noise(1000, 2, 'spectra'),
);
const quantities = [0, 1].map((column) => ({ name: `d${column}`, unit: 'angstrom', columns: [{ column, numerator: null }] }));
const along = (V: number[]) =>
  reconstructSeries(data.x, data.rows.test, pressures, data.scaling.x, [Float32Array.from(V)], quantities);

test('a component that carries the series gives its means back; one that does not returns the mean', () => {
  const carried = along([1, 0]);
  assert.deepEqual(
    carried.points.map(({ value }) => value),
    ['0', '10', '20', '30', '40', '50', '60', '70', '80', '90'],
  );
  assert.ok((carried.errors[0] as number) < 1e-5, String(carried.errors[0]));
  assert.ok((carried.spread[0] as number) > 0.25);
  for (const { known, reconstructed } of carried.points)
    assert.ok(Math.abs((known[0] as number) - (reconstructed[0]?.mean as number)) < 1e-5);
  const blind = along([0, 1]);
  assert.ok(Math.abs((blind.errors[0] as number) - (blind.spread[0] as number)) < 0.03);
});

test('seeds span an interval, and groups keep the number of their rows', () => {
  const [first] = reconstructSeries(
    data.x,
    data.rows.test,
    pressures,
    data.scaling.x,
    [Float32Array.of(1, 0), Float32Array.of(0, 1)],
    quantities,
  ).points;
  assert.ok(first);
  const { mean, low, high } = first.reconstructed[0] as { mean: number; low: number; high: number };
  assert.ok(low < mean && mean < high);
  assert.equal(
    along([1, 0]).points.reduce((sum, { rows }) => sum + rows, 0),
    data.rows.test.length,
  );
});
