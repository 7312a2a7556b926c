import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import type { Dimensions, Point } from '../../../search/parameters.ts';
import { cmaes } from '../../../search/proposers/cmaes.ts';
import { drawFresh } from '../../../search/proposers/fresh.ts';
import type { Observation } from '../../../search/proposers/proposer.ts';
import { bestOf, bowl, plane, proposerContract, type Score, STARTUP, trying } from './proposer-contract.ts';
import { MIXED, observe, requestOf, spaceOf } from './spaces.ts';

const { propose, run } = trying(cmaes);

/** Proposes with so many under way, of which the oldest ends first. */
function runTogether(space: Dimensions, count: number, score: Score, workers: number, seed = 1) {
  const points: Point[] = [];
  const observed = (many: number) => points.slice(0, many).map((point): Observation => ({ point, score: score(point) }));
  while (points.length < count) {
    const ended = Math.max(0, points.length + 1 - workers);
    points.push(propose(requestOf(space, { observations: observed(ended), pending: points.slice(ended), seed })));
  }
  return observed(count);
}

/** A valley across both axes. */
const valley = ({ learningRate, dropout }: Point) => {
  const x = (Math.log10(learningRate) + 2) / 4;
  return -100 * (x - dropout + 0.5) ** 2 - (x + dropout - 0.7) ** 2;
};

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

proposerContract(cmaes, { space: plane, count: 60, score: bowl });

test('what is remembered of earlier proposals changes no bit', () => {
  // Long enough for restarts; points end late, and fail.
  const score = (point: Point) => (point.dropout > 0.9 ? null : bowl(point));
  const points: Point[] = [];
  for (let number = 0; number < 300; number++) {
    const isPending = (_: unknown, i: number) => i >= number - 5 || (i % 20 === 13 && i > number - 30);
    const observations = points.flatMap((point, i) => (isPending(point, i) ? [] : [{ point, score: score(point) }]));
    const request = requestOf(plane, { observations, pending: points.filter(isPending), number });
    const point = propose(request);
    if (number % 7 === 0) assert.deepEqual(propose(structuredClone(request)), point);
    points.push(point);
  }
});

test('proposals converge: round, and along a valley across the axes', () => {
  for (const score of [bowl, valley]) {
    const regrets = SEEDS.map((seed) => -bestOf(run(plane, 120, score, seed)));
    assert.ok(median(regrets) < 1e-4, `${regrets}`);
  }
});

test('only the order of scores counts', () => {
  const plain = run(plane, 80, bowl);
  const other = run(plane, 80, (point) => Math.exp(bowl(point)) ** 3);
  assert.deepEqual(
    other.map(({ point }) => point),
    plain.map(({ point }) => point),
  );
});

test('one parameter is searched too', () => {
  const line = spaceOf({ learningRate: { kind: 'log', low: 1e-4, high: 1 } });
  const found = run(line, 60, ({ learningRate }) => -((Math.log10(learningRate) + 2.7) ** 2));
  assert.ok(bestOf(found) > -1e-4, `${bestOf(found)}`);
});

test('an optimum at the corner of the space is reached, within it', () => {
  const found = run(plane, 120, ({ learningRate, dropout }) => -Math.log10(learningRate) + dropout);
  assert.ok(bestOf(found) > 4.9, `${bestOf(found)}`);
  for (const { point } of found) {
    assert.ok(point.learningRate >= 1e-4 && point.learningRate <= 1);
    assert.ok(point.dropout >= 0 && point.dropout <= 1);
  }
});

test('a search that has converged begins again elsewhere', () => {
  // Two optima, of which the lower is wide.
  const score = ({ learningRate, dropout }: Point) => {
    const x = (Math.log10(learningRate) + 4) / 4;
    return Math.max(1 - 2 * Math.hypot(x - 0.75, dropout - 0.75), 2 - 8 * Math.hypot(x - 0.15, dropout - 0.15));
  };
  const found = SEEDS.map((seed) => run(plane, 500, score, seed));
  const count = (points: number) => found.filter((all) => bestOf(all.slice(0, points)) > 1.5).length;
  assert.ok(count(500) > count(80), `${count(80)}, then ${count(500)}`);
});

test('points under way at the same time differ, and lead to the optimum', () => {
  for (const workers of [8, 24]) {
    const found = runTogether(plane, 160, bowl, workers);
    assert.equal(new Set(found.map(({ point }) => canonicalJson(point))).size, 160);
    assert.ok(bestOf(found) > -0.01, `${workers}: ${bestOf(found)}`);
  }
});

test('a point that was proposed is not proposed again', () => {
  const request = requestOf(plane, { observations: run(plane, 40, bowl) });
  const point = propose(request);
  assert.notDeepEqual(propose({ ...request, pending: [point] }), point);
  const late = { point, score: bowl(point) };
  assert.notDeepEqual(propose({ ...request, observations: [...request.observations, late] }), point);
});

test('all points under way are drawn before enough have ended', () => {
  const found = runTogether(plane, 40, bowl, 30);
  for (let number = 0; number < 30 + STARTUP - 1; number++) {
    assert.deepEqual(found[number]?.point, drawFresh(requestOf(plane, { number })));
  }
  assert.notDeepEqual(found[39]?.point, drawFresh(requestOf(plane, { number: 39 })));
});

test('points that diverge are avoided', () => {
  const observations = run(plane, 100, (point) => (point.learningRate > 0.01 ? null : bowl(point)));
  const diverged = observations.slice(STARTUP).filter((one) => one.score === null).length;
  // Half of the space diverges.
  assert.ok(diverged < 20, `${diverged} of 90`);
});

test('without a score, or with equal ones, points stay apart and the search wide', () => {
  for (const score of [null, Number.NaN, 0.5]) {
    const observations = run(plane, 120, () => score);
    assert.equal(new Set(observations.map(({ point }) => canonicalJson(point))).size, 120);
    const late = observations.slice(-30).map(({ point }) => point.dropout);
    assert.ok(Math.max(...late) - Math.min(...late) > 0.3, `${late}`);
  }
});

const stepped = spaceOf({
  learningRate: { kind: 'log', low: 1e-4, high: 1 },
  weightDecay: { kind: 'choice', values: [0.1, 0, 0.01] },
  patience: { kind: 'uniform', low: 4, high: 5, whole: true },
  batch: { kind: 'log', low: 8, high: 512, whole: true },
});

test('whole numbers and choices of numbers are found', () => {
  const score = ({ learningRate, weightDecay, patience, batch }: Point) =>
    -((Math.log10(learningRate) + 2.3) ** 2) -
    (weightDecay === 0.01 ? 0 : 1) -
    (patience === 5 ? 0 : 1) -
    Math.log2(batch / 100) ** 2;
  const found = SEEDS.map((seed) => -bestOf(run(stepped, 160, score, seed)));
  assert.ok(median(found) < 0.01, `${found}`);
});

test('a search does not stick to values in steps that were best elsewhere', () => {
  // Far from the optimum of the rate, the other patience and decay are better.
  const score = ({ learningRate, weightDecay, patience }: Point) => {
    const distance = Math.abs(Math.log10(learningRate) + 1);
    const isFar = distance > 0.3;
    return -distance - (isFar === (patience === 4) ? 0 : 0.1) - (isFar === (weightDecay === 0) ? 0 : 0.1);
  };
  const late = SEEDS.flatMap((seed) => run(stepped, 160, score, seed).slice(120));
  const share = (of: (point: Point) => boolean) => late.filter(({ point }) => of(point)).length / late.length;
  assert.ok(share(({ patience }) => patience === 5) > 0.5);
  assert.ok(share(({ weightDecay }) => weightDecay !== 0) > 0.5);
  // Nor are other values ever given up.
  assert.ok(share(({ patience }) => patience === 4) > 0.02);
});

test('a space with values that have no order is not searched', () => {
  const observations = observe(
    STARTUP,
    (own) => drawFresh(requestOf(MIXED, { observations: own })),
    ({ dropout }) => dropout,
  );
  assert.throws(() => propose(requestOf(MIXED, { observations })), RangeError);
});
