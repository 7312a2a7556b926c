/**
 * The linear references equal those of scikit-learn on a fixture made by
 * fixtures/linear_references.py.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Matrix as Dense } from 'ml-matrix';
import { SPLITS, type SplitName } from '../../models/axes.ts';
import {
  type GramMatrices,
  pcrCoefficients,
  plsCoefficients,
  ridgeCoefficients,
  scoreBaselines,
} from '../../models/evaluation/baselines.ts';
import { fitScaling, standardize } from '../../models/standardisation.ts';
import { smoothData } from '../support/data.ts';

interface Arrays {
  readonly N: number;
  readonly D: number;
  readonly E: number;
  readonly x: number[];
  readonly y: number[];
}

interface Fixture {
  readonly coefficients: Arrays & Readonly<Record<'ridge' | 'pcr' | 'pls2', Record<string, number[]>>>;
  readonly scores: Arrays & {
    readonly train: number;
    readonly validation: number;
    readonly expected: Record<string, Record<SplitName, number>>;
  };
}

const { coefficients, scores } = JSON.parse(
  readFileSync(new URL('./fixtures/linear_references.json', import.meta.url), 'utf8'),
) as Fixture;

function momentsOf({ N, D, E, x, y }: Arrays): GramMatrices {
  const X = Dense.from1DArray(N, D, x);
  return { xx: X.transpose().mmul(X), xy: X.transpose().mmul(Dense.from1DArray(N, E, y)), rows: N };
}

const moments = momentsOf(coefficients);

function close(own: Dense, expected: readonly number[], tolerance = 1e-8): void {
  const values = own.to1DArray();
  assert.equal(values.length, expected.length);
  values.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] as number)) < tolerance, `${i}: ${value} against ${expected[i]}`);
  });
}

for (const [penalty, expected] of Object.entries(coefficients.ridge)) {
  test(`ridge with penalty ${penalty}`, () => close(ridgeCoefficients(moments, Number(penalty)), expected));
}
for (const [k, expected] of Object.entries(coefficients.pcr)) {
  test(`principal component regression with ${k} components`, () => close(pcrCoefficients(moments, Number(k)), expected));
}
for (const [k, expected] of Object.entries(coefficients.pls2)) {
  test(`PLS2 with ${k} components`, () => close(plsCoefficients(moments, Number(k)), expected));
}

test('covered variances follow from raw values: standardisation, choice of the penalty, fit and score', () => {
  const { N, D, E, train, validation, expected } = scores;
  const x = { rows: N, columns: D, data: Float32Array.from(scores.x) };
  const y = { rows: N, columns: E, data: Float32Array.from(scores.y) };
  const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const rows = { train: range(0, train), validation: range(train, train + validation), test: range(train + validation, N) };
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: 'centre' });
  const own = scoreBaselines({ x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling }, [1, 2, 3]);
  assert.equal(own.length, Object.keys(expected).length * SPLITS.length);
  for (const { name, k, split, coveredVariance } of own) {
    const reference = expected[`${name} ${k}`]?.[split] as number;
    // Ours are float32 values of z-scores.
    assert.ok(Math.abs(coveredVariance - reference) < 1e-6, `${name} ${k} ${split}: ${coveredVariance} against ${reference}`);
  }
});

test('components without variance, of collinear descriptors, change nothing', () => {
  const { N, D, E, x, y } = coefficients;
  const flat = x.map((value, i) => (i % D === D - 1 ? (x[i - 1] as number) : value));
  const collinear = momentsOf({ N, D, E, x: flat, y });
  close(pcrCoefficients(collinear, D), pcrCoefficients(collinear, D - 1).to1DArray(), 1e-6);
  close(plsCoefficients(collinear, D), plsCoefficients(collinear, D - 1).to1DArray(), 1e-6);
  close(ridgeCoefficients(collinear, 0), pcrCoefficients(collinear, D - 1).to1DArray(), 1e-6);
});

test('PLS2 ends early for targets that one component explains, or none', () => {
  const { N, D, x } = coefficients;
  const one = momentsOf({ N, D, E: 1, x, y: x.filter((_, i) => i % D === 0) });
  const exact = [1, ...Array.from({ length: D - 1 }, () => 0)];
  close(plsCoefficients(one, D), exact, 1e-6);
  const none = momentsOf({ N, D, E: 1, x, y: Array.from({ length: N }, () => 0) });
  close(
    plsCoefficients(none, 2),
    Array.from({ length: D }, () => 0),
  );
});

test('every baseline is scored on every split; components beyond the descriptors are left out', () => {
  const figures = scoreBaselines(smoothData(), [1, 3, 4]);
  assert.deepEqual(
    figures.filter(({ split }) => split === 'test').map(({ name, k }) => `${name} ${k}`),
    ['ridge null', 'pcr 1', 'pcr 3', 'pls2 1', 'pls2 3'],
  );
  // With all components both are least squares, and so is ridge with the penalty that fits.
  const figure = (name: string, k: number | null) =>
    figures.find((s) => s.name === name && s.k === k && s.split === 'train')?.coveredVariance as number;
  assert.ok(Math.abs(figure('pcr', 3) - figure('pls2', 3)) < 1e-9);
  assert.ok(figure('ridge', null) <= figure('pcr', 3) + 1e-9);
});
