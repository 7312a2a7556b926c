/** The linear references equal scikit-learn's on a committed fixture; fixtures/linear_references.py made it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Matrix as Dense } from 'ml-matrix';
import { type Moments, pcrCoefficients, plsCoefficients, ridgeCoefficients, scoreBaselines } from '../../models/baselines.ts';
import { smoothData } from '../support/data.ts';

interface Fixture {
  readonly N: number;
  readonly D: number;
  readonly E: number;
  readonly x: number[];
  readonly y: number[];
  readonly ridge: Record<string, number[]>;
  readonly pcr: Record<string, number[]>;
  readonly pls2: Record<string, number[]>;
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/linear_references.json', import.meta.url), 'utf8')) as Fixture;
const X = Dense.from1DArray(fixture.N, fixture.D, fixture.x);
const Y = Dense.from1DArray(fixture.N, fixture.E, fixture.y);
const moments: Moments = { xx: X.transpose().mmul(X), xy: X.transpose().mmul(Y), rows: fixture.N };

function close(own: Dense, expected: readonly number[], tolerance: number): void {
  const values = own.to1DArray();
  assert.equal(values.length, expected.length);
  values.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] as number)) < tolerance, `${i}: ${value} against ${expected[i]}`);
  });
}

for (const [penalty, expected] of Object.entries(fixture.ridge)) {
  test(`ridge with penalty ${penalty}`, () => close(ridgeCoefficients(moments, Number(penalty)), expected, 1e-8));
}
for (const [k, expected] of Object.entries(fixture.pcr)) {
  test(`principal component regression with ${k} components`, () => close(pcrCoefficients(moments, Number(k)), expected, 1e-8));
}
for (const [k, expected] of Object.entries(fixture.pls2)) {
  // scikit-learn centres once more what is centred up to float32 already.
  test(`PLS2 with ${k} components`, () => close(plsCoefficients(moments, Number(k)), expected, 1e-5));
}

test('every baseline is scored on every split; components beyond the descriptors are left out', () => {
  const scores = scoreBaselines(smoothData(), [1, 3, 4]);
  assert.deepEqual(
    scores.filter(({ split }) => split === 'test').map(({ name, k }) => `${name} ${k}`),
    ['ridge null', 'pcr 1', 'pcr 3', 'pls2 1', 'pls2 3'],
  );
  // With all components both are least squares, and so is ridge with the penalty that fits.
  const figure = (name: string, k: number | null) =>
    scores.find((s) => s.name === name && s.k === k && s.split === 'train')?.coveredVariance as number;
  assert.ok(Math.abs(figure('pcr', 3) - figure('pls2', 3)) < 1e-9);
  assert.ok(figure('ridge', null) <= figure('pcr', 3) + 1e-9);
});
