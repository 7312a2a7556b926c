import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../models/random.ts';
import type { Point } from '../../../search/parameters.ts';
import { selectPopulation } from '../../../search/proposers/population.ts';
import type { Observation } from '../../../search/proposers/proposer.ts';
import { splitByFront } from '../../../search/proposers/split-by-front.ts';

const observed = (rows: readonly (readonly [score: number | null, ...costs: number[]])[]): Observation[] =>
  rows.map(([score, ...costs], batch) => ({ point: { batch } as Point, score, costs }));
const numbersOf = (points: readonly Point[]) => points.map(({ batch }) => batch);

test('the good points are a tenth by rank and crowding, all others are bad', () => {
  const { uniform } = stream(1, 'rows');
  const rows = Array.from({ length: 130 }, (_, i) => [i % 7 === 0 ? null : uniform(), uniform()] as const);
  const measured = [...rows.keys()].filter((i) => rows[i]?.[0] !== null);
  const values = measured.map((i) => [rows[i]?.[0] as number, -(rows[i]?.[1] as number)]);
  const split = splitByFront(observed(rows));
  const good = numbersOf(split?.good ?? []);
  assert.deepEqual(
    good,
    selectPopulation(values, 13).map(({ index }) => measured[index]),
  );
  assert.deepEqual(
    numbersOf(split?.bad ?? []),
    [...rows.keys()].filter((i) => !good.includes(i)),
  );
});

test('a good point weighs as much as the area that would be lost without it', () => {
  // Corners (0.1, 1.1), (0.7, 0.9) and (1.1, 0.1) of a box from 0, and (0.6, 0.8) behind the front.
  const front = [
    [0, 0],
    [6, 2],
    [10, 10],
    [5, 3],
  ] as const;
  const others = Array.from({ length: 36 }, () => [1, 10] as const);
  const split = splitByFront(observed([...front, ...others]));
  assert.deepEqual(numbersOf(split?.good ?? []).sort(), [0, 1, 2, 3]);
  const lost = [0.1 * 0.2, 0.6 * 0.8 - 0.5 * 0.7, 0.4 * 0.1, 0];
  const mean = lost.reduce((sum, one) => sum + one, 0) / 4;
  const raised = lost.map((one) => Math.max(one, 0.2 * mean));
  const total = raised.reduce((sum, one) => sum + one, 0);
  for (const [i, number] of numbersOf(split?.good ?? []).entries()) {
    const expected = (4 * (raised[number] as number)) / total;
    assert.ok(Math.abs((split?.weights[i] as number) - expected) < 1e-9, `${number}: ${split?.weights[i]}, not ${expected}`);
  }
});

test('points without a score are bad, and nothing is good where all are equal', () => {
  assert.deepEqual(numbersOf(splitByFront(observed([[null, 1], [3, 1]]))?.good ?? []), [1]); // biome-ignore format: a table
  for (const rows of [[], [[null, 1]], [[2, 3]], [[2, 3], [2, 3]]] as never[]) assert.equal(splitByFront(observed(rows)), null); // biome-ignore format: a table
});

test('an objective without a range counts for nothing', () => {
  const others = Array.from({ length: 18 }, () => [1, 1] as const);
  const split = splitByFront(observed([...[[3, 1] as const, [2, 1] as const], ...others]));
  assert.deepEqual(numbersOf(split?.good ?? []), [0, 1]);
  // The second one loses nothing, and has a fifth of the mean of 0.275.
  const [first, second] = [...(split?.weights ?? [])] as [number, number];
  assert.ok(Math.abs(first - 20 / 11) < 1e-9 && Math.abs(second - 2 / 11) < 1e-9, `${first}, ${second}`);
});
