import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import { type FoundComponents, matchedAngles, readComponents } from '../../../models/interpretation/components.ts';
import { isOpen } from '../../../models/interpretation/thresholds.ts';
import { projectRow } from '../../../models/methods/projection.ts';
import { rowOf } from '../../../models/vectors.ts';
import { matrixOf, noise } from '../../support/data.ts';

const ROWS = 4000;

/** Returns components with their latents of structures x. */
function found(x: Matrix, rows: readonly (readonly number[])[]): FoundComponents {
  const components = Float32Array.from(rows.flat());
  const k = rows.length;
  const latents = matrixOf(x.rows, k, (row, j) => projectRow(rowOf(x, row), components)[j] as number);
  return { components, latents };
}

/** Returns the direction at an angle, degrees, in the plane of two of three descriptors. */
function turned(degrees: number, [from, to]: readonly [number, number] = [0, 1]): number[] {
  const v = [0, 0, 0];
  v[from] = Math.cos((degrees * Math.PI) / 180);
  v[to] = Math.sin((degrees * Math.PI) / 180);
  return v;
}

test('components in another order and with other signs are the same', () => {
  const x = noise(200, 3, 'structures');
  const basis = [turned(10), turned(100), [0, 0, 1]];
  const [a, b, c] = basis as [number[], number[], number[]];
  const minus = (v: number[]) => v.map((value) => -value);
  const readings = readComponents([found(x, [c, minus(a), b]), found(x, basis), found(x, [b, minus(c), a])], 1, 3);
  readings.forEach(({ coefficients, range, angle, stable, shownTurn }, j) => {
    assert.deepEqual(coefficients, [...Float32Array.from(basis[j] as number[])], 'those of the best trial');
    assert.ok(angle && angle.high < 1e-4);
    assert.deepEqual(range, { low: coefficients, high: coefficients });
    assert.equal(stable, true);
    assert.equal(shownTurn, null);
  });
});

test('the components of one seed have no angle and no range', () => {
  const [reading] = readComponents([found(noise(50, 3, 'structures'), [turned(0)])], 0, 3);
  assert.deepEqual(reading, { coefficients: [1, 0, 0], range: null, angle: null, stable: null, shownTurn: null });
});

test('a turn among uncorrelated descriptors shows in the latent, among collinear ones it does not', () => {
  const drawn = noise(ROWS, 3, 'structures').data;
  const seeds = (x: Matrix) => [0, 20, 40].map((degrees) => found(x, [turned(degrees)]));
  const apart = matrixOf(ROWS, 3, (row, d) => drawn[row * 3 + d] as number);
  const [unstable] = readComponents(seeds(apart), 0, 3);
  assert.ok(Math.abs((unstable?.angle?.high ?? 0) - 40) < 1e-3 && Math.abs((unstable?.angle?.mean ?? 0) - 80 / 3) < 1e-3);
  assert.equal(unstable?.stable, false);
  assert.ok(Math.abs((unstable?.shownTurn ?? 0) - 1) < 0.1, `${unstable?.shownTurn}`);
  assert.equal(isOpen(unstable ?? {}), false);
  // Correlation r = 0.98: that of x v and x w is (cos + r sin) / sqrt(1 + 2 r sin cos) for v = e_1.
  const r = 0.98;
  const near = matrixOf(ROWS, 3, (row, d) => {
    const [a, b, c] = [drawn[row * 3], drawn[row * 3 + 1], drawn[row * 3 + 2]] as [number, number, number];
    return [a, r * a + Math.sqrt(1 - r * r) * b, c][d] as number;
  });
  const [open] = readComponents([found(near, [turned(0)]), found(near, [turned(30)])], 0, 3);
  const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const shown = (1 - (cos + r * sin) / Math.sqrt(1 + 2 * r * sin * cos)) / (1 - cos);
  assert.ok(Math.abs((open?.shownTurn ?? 1) - shown) < 0.003, `${open?.shownTurn} ${shown}`);
  assert.equal(open?.stable, false);
  assert.equal(isOpen(open ?? {}), true);
});

test('coefficients of matched components span what the seeds span', () => {
  const x = noise(200, 3, 'structures');
  const seeds = [found(x, [turned(0), turned(90)]), found(x, [turned(100), turned(10)])];
  const [first] = readComponents(seeds, 0, 3);
  assert.ok(Math.abs((first?.angle?.high ?? 0) - 10) < 1e-3);
  assert.ok(Math.abs((first?.range?.low[0] ?? 0) - Math.cos(Math.PI / 18)) < 1e-6);
  assert.ok(Math.abs((first?.range?.high[1] ?? 0) - Math.sin(Math.PI / 18)) < 1e-6);
});

test('components of partitions are matched to those of another trial before their angles are read', () => {
  const x = noise(100, 3, 'structures');
  const partitions = [found(x, [turned(100), turned(10)]), found(x, [turned(-6), turned(84)])];
  const angles = matchedAngles(found(x, [turned(0), turned(90)]), partitions, 3);
  for (const { mean, high } of angles) assert.ok(Math.abs(mean - 16) < 1e-3 && Math.abs(high - 16) < 1e-3);
});
