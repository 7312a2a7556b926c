import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testEnergyDistance } from '../../../models/drift/energy-distance.ts';
import { stream } from '../../../models/random.ts';
import { matrixOf, noise } from '../../support/data.ts';

test('the energy distance equals its definition', () => {
  const [a, b] = [noise(7, 2, 'a'), noise(5, 2, 'b')];
  const row = ({ data }: typeof a, i: number) => [data[2 * i] as number, data[2 * i + 1] as number] as const;
  const mean = (m: typeof a, n: typeof a) => {
    let sum = 0;
    for (let i = 0; i < m.rows; i++) {
      for (let j = 0; j < n.rows; j++) {
        const [x, y] = [row(m, i), row(n, j)];
        sum += Math.hypot(x[0] - y[0], x[1] - y[1]);
      }
    }
    return sum / (m.rows * n.rows);
  };
  const wanted = 2 * mean(a, b) - mean(a, a) - mean(b, b);
  for (const [left, right] of [
    [a, b],
    [b, a],
  ] as const) {
    const { distance } = testEnergyDistance(left, right, { permutations: 9, seed: 1 });
    assert.ok(Math.abs(distance - wanted) < 1e-6, `${distance}, not ${wanted}`);
  }
});

test('a dependence without a marginal shift is detected', () => {
  const { normal } = stream(1, 'dependence');
  const independent = noise(150, 2, 'independent');
  const together = Array.from({ length: 150 }, () => {
    const first = normal();
    return [first, 0.95 * first + 0.3 * normal()] as const;
  });
  const dependent = matrixOf(150, 2, (row, column) => (together[row] as readonly [number, number])[column as 0 | 1]);
  const options = { permutations: 199, seed: 1 };
  assert.ok(testEnergyDistance(independent, dependent, options).probability <= 0.01);
  assert.ok(testEnergyDistance(independent, noise(150, 2, 'others'), options).probability > 0.05);
});

test('samples that cannot be compared are rejected', () => {
  assert.throws(() => testEnergyDistance(noise(5, 2, 'a'), noise(5, 3, 'b'), { permutations: 9, seed: 1 }), /2 and 3 columns/);
  assert.throws(() => testEnergyDistance(noise(5, 2, 'a'), noise(1, 2, 'b'), { permutations: 9, seed: 1 }), /two rows/);
});
