import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  packErrors,
  readTestErrors,
  type StoredErrors,
  type StoredTestRows,
  testSpreads,
  unpackErrors,
} from '../../../models/evaluation/test-errors.ts';
import { stream } from '../../../models/random.ts';
import { smoothData } from '../../support/data.ts';

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

test('packed errors keep their sum, and each row to a relative 2^-11, over nine decades', () => {
  const { uniform } = stream(3, 'errors');
  const errors = Float64Array.from({ length: 500 }, () => 1e5 * 10 ** (-9 * uniform()));
  errors[7] = 0;
  const bytes = packErrors(errors);
  assert.ok(bytes);
  assert.equal(bytes.length, 8 + 2 * 500);
  // As the driver returns them: within a larger buffer, at any offset.
  const read = unpackErrors(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3));
  assert.ok(Math.abs(sum(read) / sum(errors) - 1) < 1e-14);
  read.forEach((value, row) => {
    const error = errors[row] as number;
    // The scale that keeps the sum moves every row by as much as the mean of their roundings.
    assert.ok(Math.abs(value - error) <= 1.2 * 2 ** -11 * error, `${value} in place of ${error}`);
  });
});

test('a perfect model has errors of zero; errors that are not finite are not packed', () => {
  assert.deepEqual([...unpackErrors(packErrors(new Float64Array(3)) as Uint8Array)], [0, 0, 0]);
  assert.equal(packErrors(Float64Array.of(1, Number.NaN)), null);
  assert.equal(packErrors(Float64Array.of(1, Number.POSITIVE_INFINITY)), null);
  assert.equal(packErrors(Float64Array.of(1e308, 1e308)), null);
});

/** Two descriptors; rows (3, 4), (1, 0), (0, 2) and (-2, 1); the direction is (0.6, 0.8). */
const ROWS: StoredTestRows = {
  spreads: Float64Array.of(4, 2, 3, 1),
  structureSpreads: Float64Array.of(10, 5, 10, 10),
  structureSquares: Float64Array.of(25, 1, 4, 5),
  units: Int32Array.of(0, 0, 1, 2),
  strata: null,
};
const LATENTS = { k: 1, width: 2, data: Float32Array.of(5, 9, 0.6, 9, 1.6, 9, -0.4, 9) };
const STRUCTURE_ERRORS = [0, 0.64, 1.44, 4.84];
const stored = (changes: Partial<StoredErrors> = {}): StoredErrors => ({
  test: 0.7,
  structureTest: 1 - 6.92 / 35,
  errors: packErrors(Float64Array.of(1, 0.5, 1, 0.5)),
  structureErrors: null,
  latents: LATENTS,
  ...changes,
});

test('stored errors of structures stand in for latents that were not kept', () => {
  const read = readTestErrors(ROWS, stored({ latents: null, structureErrors: packErrors(Float64Array.from(STRUCTURE_ERRORS)) }));
  assert.ok(read?.structureErrors);
  for (const [row, error] of read.structureErrors.entries()) {
    assert.ok(Math.abs(error - (STRUCTURE_ERRORS[row] as number)) <= 2 ** -11 * error, `row ${row}`);
  }
});

test('errors are read with those of the structures, which follow from the first latents', () => {
  const read = readTestErrors(ROWS, stored());
  assert.ok(read?.structureErrors);
  assert.ok(Math.abs(sum(read.errors) - 3) < 1e-12);
  read.structureErrors.forEach((value, row) => {
    assert.ok(Math.abs(value - (STRUCTURE_ERRORS[row] as number)) < 1e-6);
  });
  assert.equal(read.units, ROWS.units);
  assert.ok(!('structureSquares' in read));
});

test('what does not reproduce the score is left out', () => {
  assert.equal(readTestErrors(ROWS, stored({ test: 0.71 })), undefined);
  assert.equal(readTestErrors(ROWS, stored({ errors: null })), undefined);
  assert.equal(readTestErrors(ROWS, stored({ errors: packErrors(Float64Array.of(3)) })), undefined);
  for (const other of [{ structureTest: null }, { structureTest: 0.5 }, { latents: null }]) {
    const read = readTestErrors(ROWS, stored(other));
    assert.ok(read);
    assert.equal(read.structureErrors, null);
  }
});

test('sums of squares of the test rows equal a calculation from their means', () => {
  const { x, y, rows, ...rest } = smoothData(60);
  const found = testSpreads({ x, y, rows, ...rest });
  for (const [matrix, about, name] of [
    [y, 'mean', 'spreads'],
    [x, 'mean', 'structureSpreads'],
    [x, 'zero', 'structureSquares'],
  ] as const) {
    const values = [...rows.test].map((row) => [...matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns)]);
    const means = values[0]?.map((_, c) =>
      about === 'mean' ? values.reduce((s, v) => s + (v[c] as number), 0) / values.length : 0,
    );
    const expected = values.map((row) => row.reduce((s, v, c) => s + (v - (means?.[c] as number)) ** 2, 0));
    assert.equal(found[name].length, expected.length);
    found[name].forEach((value, i) => {
      assert.ok(Math.abs(value / (expected[i] as number) - 1) < 1e-12, name);
    });
  }
});
