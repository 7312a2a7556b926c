/**
 * Compares the linear baselines with those of scikit-learn, on a fixture that
 * fixtures/linear_references.py writes.
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

function gramOf({ N, D, E, x, y }: Arrays): GramMatrices {
  const X = Dense.from1DArray(N, D, x);
  return { xx: X.transpose().mmul(X), xy: X.transpose().mmul(Dense.from1DArray(N, E, y)), rows: N };
}

const gram = gramOf(coefficients);

function assertClose(actual: Dense, expected: readonly number[], tolerance = 1e-8): void {
  const values = actual.to1DArray();
  assert.equal(values.length, expected.length);
  values.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] as number)) < tolerance, `${i}: ${value} against ${expected[i]}`);
  });
}

for (const [penalty, expected] of Object.entries(coefficients.ridge)) {
  test(`ridge with penalty ${penalty}`, () => assertClose(ridgeCoefficients(gram, Number(penalty)), expected));
}
for (const [k, expected] of Object.entries(coefficients.pcr)) {
  test(`principal component regression with ${k} components`, () => assertClose(pcrCoefficients(gram, Number(k)), expected));
}
for (const [k, expected] of Object.entries(coefficients.pls2)) {
  test(`PLS2 with ${k} components`, () => assertClose(plsCoefficients(gram, Number(k)), expected));
}

test('baselines from raw values have the covered variances of scikit-learn', () => {
  const { N, D, E, train, validation, expected } = scores;
  const x = { rows: N, columns: D, data: Float32Array.from(scores.x) };
  const y = { rows: N, columns: E, data: Float32Array.from(scores.y) };
  const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const rows = { train: range(0, train), validation: range(train, train + validation), test: range(train + validation, N) };
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: 'centre' });
  const scored = scoreBaselines({ x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling }, [1, 2, 3]);
  assert.equal(scored.length, Object.keys(expected).length * SPLITS.length);
  for (const { name, k, split, coveredVariance } of scored) {
    const reference = expected[`${name} ${k}`]?.[split] as number;
    // The tolerance allows for our float32 z-scores.
    assert.ok(Math.abs(coveredVariance - reference) < 1e-6, `${name} ${k} ${split}: ${coveredVariance} against ${reference}`);
  }
});

test('components without variance, from collinear descriptors, change nothing', () => {
  const { N, D, E, x, y } = coefficients;
  const flat = x.map((value, i) => (i % D === D - 1 ? (x[i - 1] as number) : value));
  const collinear = gramOf({ N, D, E, x: flat, y });
  assertClose(pcrCoefficients(collinear, D), pcrCoefficients(collinear, D - 1).to1DArray(), 1e-6);
  assertClose(plsCoefficients(collinear, D), plsCoefficients(collinear, D - 1).to1DArray(), 1e-6);
  assertClose(ridgeCoefficients(collinear, 0), pcrCoefficients(collinear, D - 1).to1DArray(), 1e-6);
});

test('PLS2 stops early for targets that one component or none explains', () => {
  const { N, D, x } = coefficients;
  const one = gramOf({ N, D, E: 1, x, y: x.filter((_, i) => i % D === 0) });
  const exact = [1, ...Array.from({ length: D - 1 }, () => 0)];
  assertClose(plsCoefficients(one, D), exact, 1e-6);
  const none = gramOf({ N, D, E: 1, x, y: Array.from({ length: N }, () => 0) });
  assertClose(
    plsCoefficients(none, 2),
    Array.from({ length: D }, () => 0),
  );
});

test('every baseline is scored on every split, with at most as many components as descriptors', () => {
  const scored = scoreBaselines(smoothData(), [1, 3, 4]);
  assert.deepEqual(
    scored.filter(({ split }) => split === 'test').map(({ name, k }) => `${name} ${k}`),
    ['ridge null', 'pcr 1', 'pcr 3', 'pls2 1', 'pls2 3'],
  );
  // With all components both are least squares, as is ridge with a negligible penalty.
  const scoreOf = (name: string, k: number | null) =>
    scored.find((s) => s.name === name && s.k === k && s.split === 'train')?.coveredVariance as number;
  assert.ok(Math.abs(scoreOf('pcr', 3) - scoreOf('pls2', 3)) < 1e-9);
  assert.ok(scoreOf('ridge', null) <= scoreOf('pcr', 3) + 1e-9);
});
