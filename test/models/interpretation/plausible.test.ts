import assert from 'node:assert/strict';
import { test } from 'node:test';
import { farSpectra, outlyingValues, residualOffsets, shifted } from '../../../models/interpretation/plausible.ts';
import { stream } from '../../../models/random.ts';
import { matrixOf, noise } from '../../support/data.ts';

test('spectra of the same kind are near, one elsewhere is far, and says how far', () => {
  const known = noise(800, 3, 'known');
  const fresh = noise(200, 3, 'fresh');
  assert.ok(farSpectra(fresh, known).length <= 2, 'chance puts hardly one outside');
  const y = matrixOf(3, 3, (row, e) => (row === 1 ? 40 : (fresh.data[3 * row + e] as number)));
  const [only, ...others] = farSpectra(y, known);
  assert.deepEqual([only?.row, others], [1, []]);
  assert.ok((only?.distance as number) > 20);
});

test('structures of the same kind are within range; one elsewhere is named with its worst column', () => {
  const known = noise(800, 3, 'known');
  assert.deepEqual(outlyingValues(noise(200, 3, 'fresh'), known), []);
  const [found, ...others] = outlyingValues(
    matrixOf(3, 3, (row, d) => (row === 1 ? [0, 9, -40][d] : 0) as number),
    known,
  );
  assert.deepEqual([found?.row, found?.column, found?.value, others], [1, 2, -40, []]);
  assert.ok((found?.low as number) < -2 && (found?.high as number) > 2);
});

test('a descriptor that did not vary in training may not vary now', () => {
  const known = matrixOf(50, 1, () => 1234.5);
  assert.deepEqual(
    outlyingValues(
      matrixOf(1, 1, () => 1234.5001),
      known,
    ),
    [],
  );
  assert.equal(
    outlyingValues(
      matrixOf(1, 1, () => 1235),
      known,
    ).length,
    1,
  );
});

test('known spectra that are all the same say nothing of distances', () => {
  assert.deepEqual(
    farSpectra(
      noise(5, 2, 'y'),
      matrixOf(50, 2, () => 1),
    ),
    [],
  );
});

test('a further structure is within its interval in at least 95 % of cases, however few are known', () => {
  for (const [rows, wanted] of [
    [39, 38 / 40],
    [40, 39 / 41],
    [79, 76 / 80],
    [200, 191 / 201],
    [10, 9 / 11],
  ] as const) {
    // Uniform residuals: the mass between two of them is the probability of a further one.
    let within = 0;
    const repeats = 400;
    for (let seed = 0; seed < repeats; seed++) {
      const { uniform } = stream(seed, 'residuals');
      const x = matrixOf(rows, 1, () => uniform());
      const { low, high } = residualOffsets(
        x,
        matrixOf(rows, 1, () => 0),
      );
      within += ((high[0] as number) - (low[0] as number)) / repeats;
    }
    const spread = Math.sqrt((wanted * (1 - wanted)) / (rows + 2) / repeats);
    assert.ok(Math.abs(within - wanted) < 4 * spread, `${rows} rows: ${within}, not ${wanted}`);
  }
});

test('offsets hold 95 % of the residuals, each column its own', () => {
  const x = noise(4000, 2, 'x');
  const back = matrixOf(4000, 2, (row, d) => (d === 0 ? (x.data[2 * row] as number) - 3 : 0));
  const { low, high } = residualOffsets(x, back);
  assert.ok(Math.abs((low[0] as number) - 3) < 1e-5 && Math.abs((high[0] as number) - 3) < 1e-5, 'a bias is given back');
  assert.ok(Math.abs((low[1] as number) + 1.96) < 0.1 && Math.abs((high[1] as number) - 1.96) < 0.1);
  assert.deepEqual([...shifted({ rows: 1, columns: 2, data: Float32Array.of(1, 2) }, Float64Array.of(0.5, -1)).data], [1.5, 1]);
});
