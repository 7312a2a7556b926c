import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../../models/axes.ts';
import { jointTestOf, permuteEnergyDistance } from '../../../models/drift/energy-distance.ts';
import { exchangeGroups, independentRows } from '../../../models/drift/exchange.ts';
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
    const [distance = 0] = permuteEnergyDistance(
      left,
      right,
      exchangeGroups([independentRows(left.rows), independentRows(right.rows)], 1, 'rows'),
      0,
    );
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
  const exchange = exchangeGroups([independentRows(150), independentRows(150)], 1, 'rows');
  const probabilityOf = (other: typeof dependent) =>
    jointTestOf(permuteEnergyDistance(independent, other, exchange, 199)).probability;
  assert.ok(probabilityOf(dependent) <= 0.01);
  assert.ok(probabilityOf(noise(150, 2, 'others')) > 0.05);
});

test('samples that cannot be compared are rejected', () => {
  const compare = (a: Matrix, b: Matrix) =>
    permuteEnergyDistance(a, b, exchangeGroups([independentRows(a.rows), independentRows(b.rows)], 1, 'rows'), 9);
  assert.throws(() => compare(noise(5, 2, 'a'), noise(5, 3, 'b')), /2 and 3 columns/);
  assert.throws(() => compare(noise(5, 2, 'a'), noise(1, 2, 'b')), /two rows/);
});

test('with groups the distance is that of the rows, and the probability that of all assignments of groups', () => {
  const [a, b] = [noise(9, 2, 'a'), noise(6, 2, 'b')];
  const groupsOf = (rows: number) => ({
    units: Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 3)),
    strata: null,
  });
  const exchange = exchangeGroups([groupsOf(9), groupsOf(6)], 1, 'groups');
  const found = jointTestOf(permuteEnergyDistance(a, b, exchange, 4000));
  const rows = exchangeGroups([independentRows(9), independentRows(6)], 1, 'rows');
  const distanceOf = (first: typeof a, second: typeof b) => permuteEnergyDistance(first, second, rows, 0)[0] as number;
  assert.ok(Math.abs(found.distance - distanceOf(a, b)) < 1e-6);
  // All 10 assignments of two of the five groups to the second sample, by the distance of rows.
  const pooled = [a, b].flatMap(({ data }) => [...data]);
  const pick = (groups: readonly number[]) =>
    matrixOf(
      3 * groups.length,
      2,
      (row, c) => pooled[2 * (3 * (groups[Math.floor(row / 3)] as number) + (row % 3)) + c] as number,
    );
  const pairs = [0, 1, 2, 3, 4].flatMap((i) => [0, 1, 2, 3, 4].filter((j) => j > i).map((j) => [i, j]));
  const distances = pairs.map((pair) => distanceOf(pick([0, 1, 2, 3, 4].filter((group) => !pair.includes(group))), pick(pair)));
  const exact = distances.filter((distance) => distance >= found.distance - 1e-6).length / distances.length;
  assert.ok(Math.abs(found.probability - exact) < 0.03, `${found.probability}, not ${exact}`);
});
