import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import type { Point } from '../../../search/parameters.ts';
import { drawFresh } from '../../../search/proposers/fresh.ts';
import { nsga2 } from '../../../search/proposers/nsga2.ts';
import type { Observation, ProposalRequest } from '../../../search/proposers/proposer.ts';
import { fiveReals, frontContract, PROBLEMS, pointsOf, SEEDS, weighing } from './front-contract.ts';
import { bestOf, bowl, conditionalContract, plane, proposerContract, STARTUP, trying } from './proposer-contract.ts';
import { MIXED, observe, requestOf, spaceOf } from './spaces.ts';

const { propose, run } = trying(nsga2);

proposerContract(nsga2, { space: MIXED, count: 30, score: ({ dropout }) => dropout });

conditionalContract(nsga2);
frontContract(nsga2, 200);

const weigh = weighing(nsga2);

test('the front is filled from end to end', () => {
  const found = weigh(PROBLEMS.ZDT1, 400, 1).map(({ point }) => PROBLEMS.ZDT1.measure(point));
  const close = found.filter(([x, y]) => y - (1 - Math.sqrt(x)) < 0.1).map(([x]) => x);
  const parts = new Set(close.map((x) => Math.floor(x * 8)));
  assert.ok(parts.size >= 7, `parts of eight: ${[...parts].sort()}`);
});

test('a single objective is searched too', () => {
  const regrets = SEEDS.map((seed) => -bestOf(run(plane, 150, bowl, seed))).sort((a, b) => a - b);
  assert.ok((regrets[5] as number) < 0.02, `${regrets}`);
});

const finite = spaceOf({
  learningRate: { kind: 'choice', values: [0.001, 0.01, 0.1] },
  batch: { kind: 'uniform', low: 16, high: 19, whole: true },
  activation: { kind: 'choice', values: ['gelu', 'tanh'] },
  hidden: { kind: 'choice', values: [[8], [8, 8]] },
});
const byLayers = ({ hidden }: Point) => [hidden.length];

test('no point of a finite space is proposed twice, until none is left', () => {
  const next = (observations: readonly Observation[]) => propose(requestOf(finite, { observations }));
  const all = observe(48, next, ({ learningRate, batch }) => (batch === 18 ? null : learningRate), byLayers);
  assert.equal(new Set(pointsOf(all).map(canonicalJson)).size, 48);
  assert.throws(() => next(all), RangeError);
});

test('points that are pending are not proposed again', () => {
  const observations = observe(
    20,
    (own) => propose(requestOf(finite, { observations: own })),
    () => 1,
    byLayers,
  );
  const pending: Point[] = [];
  while (pending.length < 28) pending.push(propose(requestOf(finite, { observations, pending })));
  assert.equal(new Set([...pointsOf(observations), ...pending].map(canonicalJson)).size, 48);
});

test('a point that was proposed is left out, and changes no other draw', () => {
  const request = requestOf(fiveReals, { observations: weigh(PROBLEMS.ZDT1, 40, 1) });
  const point = propose(request);
  const again: ProposalRequest = { ...request, pending: [point] };
  assert.notDeepEqual(propose(again), point);
  assert.deepEqual(propose({ ...request, pending: [drawFresh({ ...request, number: 999 })] }), point);
});

test('without a score, points are drawn; those that diverge are no parents', () => {
  for (const score of [null, Number.NaN, Number.NEGATIVE_INFINITY]) {
    const observations = run(plane, 20, () => score);
    const request = requestOf(plane, { observations });
    assert.deepEqual(propose(request), drawFresh(request));
  }
  const observations = run(plane, 100, (point) => (point.learningRate > 0.01 ? null : bowl(point)));
  const diverged = observations.slice(STARTUP).filter((one) => one.score === null).length;
  // Half of the space diverges.
  assert.ok(diverged < 20, `${diverged} of 90`);
});
