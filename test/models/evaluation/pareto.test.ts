import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hypervolume, type ObjectivePoint, paretoRanks } from '../../../models/evaluation/pareto.ts';
import { stream } from '../../../models/random.ts';

/** Coordinates on a coarse grid, so that ties and equal points are frequent. */
function randomPoints(seed: number, count: number, dimensions: number, steps = 5): ObjectivePoint[] {
  const { uniform } = stream(seed, 'points');
  return Array.from({ length: count }, () => Array.from({ length: dimensions }, () => Math.floor(steps * uniform()) / steps));
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const { uniform } = stream(seed, 'order');
  return values
    .map((value) => ({ value, key: uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** Peels off front after front, comparing each point with every other. */
function peeledRanks(points: readonly ObjectivePoint[]): number[] {
  const isDominated = (point: ObjectivePoint, by: ObjectivePoint) =>
    point.every((value, i) => value <= (by[i] as number)) && point.some((value, i) => value < (by[i] as number));
  const ranks = points.map(() => 0);
  for (let rank = 1; ranks.includes(0); rank++) {
    const left = points.filter((_, i) => ranks[i] === 0);
    const front = points.flatMap((point, i) => (ranks[i] === 0 && !left.some((other) => isDominated(point, other)) ? [i] : []));
    for (const i of front) ranks[i] = rank;
  }
  return ranks;
}

/** Counts the cells of the grid of all coordinates that some point covers. */
function countedVolume(points: readonly ObjectivePoint[], dimensions: number): number {
  const edges = Array.from({ length: dimensions }, (_, d) =>
    [...new Set([0, ...points.map((point) => point[d] as number)])].filter((edge) => edge >= 0).sort((a, b) => a - b),
  );
  const cells = (d: number, upper: readonly number[], size: number): number => {
    if (d === dimensions) return points.some((point) => upper.every((edge, i) => (point[i] as number) >= edge)) ? size : 0;
    const own = edges[d] as number[];
    return own.slice(1).reduce((sum, edge, i) => sum + cells(d + 1, [...upper, edge], size * (edge - (own[i] as number))), 0);
  };
  return cells(0, [], 1);
}

for (const dimensions of [2, 3]) {
  test(`ranks in ${dimensions} objectives equal those of peeling front after front`, () => {
    for (let seed = 0; seed < 60; seed++) {
      const points = randomPoints(seed, seed % 23, dimensions, 2 + (seed % 9));
      assert.deepEqual([...paretoRanks(points)], peeledRanks(points), JSON.stringify(points));
    }
  });

  test(`the lowest ranks in ${dimensions} objectives are found for as many points as are wanted`, () => {
    for (let seed = 0; seed < 60; seed++) {
      const points = randomPoints(seed, seed % 37, dimensions, 2 + (seed % 9));
      const all = peeledRanks(points);
      const enough = 1 + (seed % 11);
      const last = all.toSorted((a, b) => a - b)[enough - 1] ?? Number.POSITIVE_INFINITY;
      for (const [i, rank] of paretoRanks(points, enough).entries())
        if ((all[i] as number) <= last) assert.equal(rank, all[i]);
        else assert.ok(rank === 0 || rank === all[i]);
    }
  });

  test(`ranks in ${dimensions} objectives do not depend on the order of the points`, () => {
    const points = randomPoints(7, 60, dimensions, 6);
    const rankOf = new Map([...paretoRanks(points)].map((rank, i) => [JSON.stringify(points[i]), rank]));
    for (let seed = 0; seed < 10; seed++) {
      const other = shuffled(points, seed);
      assert.deepEqual(
        [...paretoRanks(other)],
        other.map((point) => rankOf.get(JSON.stringify(point))),
      );
    }
  });

  test(`the hypervolume in ${dimensions} objectives equals the sum of the cells that are covered`, () => {
    for (let seed = 0; seed < 60; seed++) {
      const points = randomPoints(100 + seed, seed % 12, dimensions, 2 + (seed % 7));
      const difference = hypervolume(points) - countedVolume(points, dimensions);
      assert.ok(Math.abs(difference) < 1e-12, `${JSON.stringify(points)}: ${difference}`);
    }
  });

  test(`the hypervolume in ${dimensions} objectives follows from the front alone`, () => {
    const points = randomPoints(3, 80, dimensions, 20);
    const whole = hypervolume(points);
    const ranks = paretoRanks(points);
    assert.ok(Math.abs(hypervolume(points.filter((_, i) => ranks[i] === 1)) - whole) < 1e-12);
    for (let seed = 0; seed < 5; seed++) assert.ok(Math.abs(hypervolume(shuffled(points, seed)) - whole) < 1e-12);
    assert.ok(Math.abs(hypervolume([...points, ...points]) - whole) < 1e-12, 'points count once');
  });
}

test('equal points have the same rank, and a single one is the front', () => {
  assert.deepEqual(
    [
      ...paretoRanks([
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
    ],
    [1, 1, 1],
  );
  assert.deepEqual([...paretoRanks([[0.5, 2, -3]])], [1]);
  assert.deepEqual([...paretoRanks([])], []);
  // Better in one, equal in the other.
  assert.deepEqual(
    [
      ...paretoRanks([
        [1, 2],
        [1, 3],
        [1, 3],
        [0, 3],
      ]),
    ],
    [2, 1, 1, 2],
  );
});

test('a point at or below the reference point adds no volume', () => {
  assert.equal(hypervolume([]), 0);
  assert.equal(hypervolume([[0.5, 0.5]]), 0.25);
  assert.equal(
    hypervolume([
      [0.5, 0.5],
      [1, 0],
      [-1, 1],
    ]),
    0.25,
  );
  assert.equal(
    hypervolume([
      [0.5, 0.5, 0.5],
      [1, 1, 0],
    ]),
    0.125,
  );
});
