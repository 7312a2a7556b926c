import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../../models/random.ts';
import type { Dimensions, Point } from '../../../../search/parameters.ts';
import { deviationsOf, type SearchDistribution } from '../../../../search/proposers/cmaes/distribution.ts';
import { evolve } from '../../../../search/proposers/cmaes/generations.ts';
import { orderedAxesOf } from '../../../../search/proposers/cmaes/ordered-axes.ts';
import type { Observation } from '../../../../search/proposers/proposer.ts';
import { spaceOf } from '../spaces.ts';

const STARTUP = 10;
/** Points of a generation in two dimensions. */
const POPULATION = 6;

const settingOf = (space: Dimensions) => ({ space, axes: orderedAxesOf(space), seed: 1, cell: 'ednn/2', startup: STARTUP });

const plane = spaceOf({
  learningRate: { kind: 'uniform', low: 0, high: 1 },
  dropout: { kind: 'uniform', low: 0, high: 1 },
});
const pointAt = (learningRate: number, dropout: number) => ({ learningRate, dropout }) as Point;

/** Draws points around a place, whose scores fall with the distance from it. */
function drawAround([x, y]: readonly [number, number], deviation: number, count: number, name: string): Observation[] {
  const { normal } = stream(1, name);
  return Array.from({ length: count }, () => {
    const [right, up] = [deviation * normal(), deviation * normal()];
    return { point: pointAt(x + right, y + up), score: -Math.hypot(right, up) };
  });
}

const evolvePlane = (observations: readonly Observation[]): SearchDistribution => evolve(settingOf(plane), observations);

test('a distribution changes with every generation, and in advance with the later points of one', () => {
  const observations = drawAround([0.4, 0.6], 0.1, STARTUP + 2 * POPULATION, 'around');
  const after = (count: number) => evolvePlane(observations.slice(0, count));
  assert.equal(after(STARTUP).generations, 0);
  assert.deepEqual(after(STARTUP + 2), after(STARTUP));
  const [half, most, all] = [after(STARTUP + 3), after(STARTUP + 5), after(STARTUP + POPULATION)];
  assert.deepEqual([half.generations, most.generations, all.generations], [1, 1, 1]);
  assert.notDeepEqual(half, most);
  assert.notDeepEqual(most, all);
  assert.deepEqual(after(STARTUP + POPULATION + 2), all);
  assert.equal(after(STARTUP + 2 * POPULATION).generations, 2);
});

test('generations without differences change nothing', () => {
  for (const score of [null, Number.NaN, 0.5]) {
    const observations = drawAround([0.4, 0.6], 0.1, STARTUP + 5 * POPULATION, 'equal').map(({ point }) => ({ point, score }));
    assert.deepEqual(evolvePlane(observations), evolvePlane(observations.slice(0, STARTUP)));
  }
});

test('a generation from an older distribution does not take the mean back', () => {
  const optimum = [0.2, 0.2] as const;
  const near = drawAround(optimum, 0.05, STARTUP + 3 * POPULATION, 'near');
  const late = drawAround([0.7, 0.7], 0.05, POPULATION, 'late').map(({ point }, i) => ({ point, score: -10 - i }));
  const before = evolvePlane(near);
  const after = evolvePlane([...near, ...late]);
  const distanceOf = ({ mean }: SearchDistribution) =>
    Math.hypot((mean[0] as number) - optimum[0], (mean[1] as number) - optimum[1]);
  assert.ok(distanceOf(after) < distanceOf(before) + 0.03, `${distanceOf(before)}, then ${distanceOf(after)}`);
});

/** Observations of a search that converges to a place. */
function converging(place: readonly [number, number]): Observation[] {
  const observations = drawAround(place, 0.2, STARTUP, 'first');
  for (let generation = 0; generation < 60; generation++) {
    observations.push(...drawAround(place, 0.2 * 0.7 ** generation, POPULATION, `generation ${generation}`));
    if (evolvePlane(observations).generations === 0) return observations;
  }
  throw new Error('the search does not converge');
}

test('a search that has converged is restarted elsewhere, with twice the population', () => {
  const place = [0.31, 0.62] as const;
  const observations = converging(place);
  assert.ok(observations.length < STARTUP + 50 * POPULATION);
  const restarted = evolvePlane(observations);
  assert.deepEqual([...deviationsOf(restarted)], [0.15, 0.15]);
  const mean = [...restarted.mean] as [number, number];
  assert.notDeepEqual(
    mean.map((at) => at.toFixed(2)),
    ['0.31', '0.62'],
  );
  const own = drawAround(mean, 0.15, 2 * POPULATION, 'restarted').map((one) => ({ ...one, score: (one.score as number) - 5 }));
  assert.equal(evolvePlane([...observations, ...own.slice(1)]).generations, 0);
  const after = evolvePlane([...observations, ...own]);
  assert.equal(after.generations, 1);
  // Those that were under way when it converged would lead back there: they are left out.
  const left = drawAround(place, 0.0005, 5, 'left');
  assert.deepEqual(evolvePlane([...observations, ...left, ...own]), after);
});

test('a search is restarted where its best score stays the same', () => {
  const observations = drawAround([0.5, 0.5], 0.2, STARTUP + 60 * POPULATION, 'plateau').map(({ point }, i) => ({
    point,
    score: i % 2,
  }));
  const counts = Array.from(
    { length: 60 },
    (_, i) => evolvePlane(observations.slice(0, STARTUP + (i + 1) * POPULATION)).generations,
  );
  assert.ok(counts.includes(0), `${counts}`);
});

const stepped = spaceOf({
  learningRate: { kind: 'uniform', low: 0, high: 1 },
  batch: { kind: 'uniform', low: 1, high: 2, whole: true },
});

test('a value in steps that all points have is kept from taking over', () => {
  const { normal } = stream(1, 'stepped');
  const observations: Observation[] = [];
  let distribution: SearchDistribution | undefined;
  for (let generation = 0; generation < 12; generation++) {
    const count = generation === 0 ? STARTUP : POPULATION;
    for (let i = 0; i < count; i++) {
      const learningRate = 0.5 + 0.2 * 0.8 ** generation * normal();
      observations.push({ point: { learningRate, batch: 1 } as Point, score: -Math.abs(learningRate - 0.5) });
    }
    distribution = evolve(settingOf(stepped), observations);
  }
  assert.ok(distribution);
  const [rate, batch] = deviationsOf(distribution) as unknown as [number, number];
  // The probability of 2 is at least that of 1.4 deviations: 1 / 12.
  assert.ok((0.5 - (distribution.mean[1] as number)) / batch < 1.39, `${distribution.mean[1]}, ${batch}`);
  // The search of the rate is not widened by it.
  assert.ok(rate < 0.003, `${rate}`);
});
