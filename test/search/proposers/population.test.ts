import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectivePoint } from '../../../models/evaluation/pareto.ts';
import { stream } from '../../../models/random.ts';
import { crowdingDistances, holdTournament, selectPopulation } from '../../../search/proposers/population.ts';

/** Coordinates on a grid, so that ties and equal points are frequent. */
function randomPoints(seed: number, count: number, objectives: number, steps: number): ObjectivePoint[] {
  const { uniform } = stream(seed, 'points');
  return Array.from({ length: count }, () => Array.from({ length: objectives }, () => Math.floor(steps * uniform()) / steps));
}

const isDominated = (point: ObjectivePoint, by: ObjectivePoint): boolean =>
  point.every((value, i) => value <= (by[i] as number)) && point.some((value, i) => value < (by[i] as number));

/** Returns the points that no other dominates, among those at these places. */
const frontOf = (points: readonly ObjectivePoint[], places: readonly number[]): number[] =>
  places.filter((a) => !places.some((b) => isDominated(points[a] as ObjectivePoint, points[b] as ObjectivePoint)));

/** The definition by neighbours, for points without equal values: the next lower and higher. */
function distanceByNeighbours(front: readonly ObjectivePoint[], own: ObjectivePoint): number {
  return own.reduce((sum, value, objective) => {
    const all = front.map((point) => point[objective] as number);
    const below = Math.max(...all.filter((other) => other < value));
    const above = Math.min(...all.filter((other) => other > value));
    return sum + (above - below) / (Math.max(...all) - Math.min(...all));
  }, 0);
}

for (const objectives of [2, 3]) {
  test(`crowding distances of ${objectives} objectives are those between neighbours`, () => {
    for (let seed = 1; seed <= 30; seed++) {
      const points = randomPoints(seed, 2 + (seed % 17), objectives, 2 ** 20);
      const distances = crowdingDistances(points);
      for (const [i, point] of points.entries()) {
        const expected = distanceByNeighbours(points, point);
        if (Number.isFinite(expected)) assert.ok(Math.abs((distances[i] as number) - expected) < 1e-12);
        else assert.equal(distances[i], Number.POSITIVE_INFINITY);
      }
    }
  });

  test(`the population of ${objectives} objectives is peeled front by front, the last by crowding`, () => {
    for (let seed = 1; seed <= 60; seed++) {
      const points = randomPoints(seed, 5 + (seed % 40), objectives, 3 + (seed % 8));
      const size = 1 + (seed % 12);
      const members = selectPopulation(points, size);
      assert.equal(members.length, Math.min(size, points.length));
      let left = [...points.keys()];
      for (let rank = 1; left.length > 0; rank++) {
        const front = frontOf(points, left);
        const own = members.filter((one) => one.rank === rank);
        for (const { index } of own) assert.ok(front.includes(index));
        const distances = crowdingDistances(front.map((index) => points[index] as ObjectivePoint));
        for (const { index, crowding } of own) assert.equal(crowding, distances[front.indexOf(index)]);
        const before = points.length - left.length;
        assert.equal(own.length, Math.min(front.length, Math.max(0, size - before)), `front ${rank} of seed ${seed}`);
        const least = Math.min(...own.map(({ crowding }) => crowding));
        const out = front.filter((index) => !own.some((one) => one.index === index));
        for (const index of out) assert.ok((distances[front.indexOf(index)] as number) <= least);
        left = left.filter((index) => !front.includes(index));
      }
    }
  });
}

test('an objective without a range counts for nothing, and one or two points are the ends', () => {
  const level = [1, 2, 4, 5].map((value) => [value, 5]);
  assert.deepEqual([...crowdingDistances(level)], [Infinity, 0.75, 0.75, Infinity]);
  assert.deepEqual([...crowdingDistances(level.map(() => [1, 5]))], [0, 0, 0, 0]);
  assert.deepEqual([...crowdingDistances([[1, 2]])], [0]);
  assert.deepEqual([...crowdingDistances([])], []);
  assert.deepEqual(selectPopulation([], 5), []);
});

test('a tournament of two is won by the lower rank, then by the larger distance', () => {
  const [first, second, crowded] = [
    { index: 0, rank: 1, crowding: Number.POSITIVE_INFINITY },
    { index: 1, rank: 2, crowding: Number.POSITIVE_INFINITY },
    { index: 2, rank: 1, crowding: 0.1 },
  ];
  const members = [second, crowded, first, { ...first, index: 3 }];
  const random = stream(1, 'tournaments');
  const wins = [0, 0, 0, 0];
  for (let i = 0; i < 16_000; i++) {
    const { index } = holdTournament(members, random);
    wins[index] = (wins[index] as number) + 1;
  }
  // Of 16 pairs: 1 of the second with itself, 3 that the crowded one wins, 6 for each of the best.
  for (const [i, expected] of [6000, 1000, 3000, 6000].entries())
    assert.ok(Math.abs((wins[i] as number) - expected) < 200, `${wins}`);
});
