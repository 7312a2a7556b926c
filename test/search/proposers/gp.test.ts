import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import type { Point } from '../../../search/parameters.ts';
import { drawFresh } from '../../../search/proposers/fresh.ts';
import { gp } from '../../../search/proposers/gp.ts';
import type { Observation } from '../../../search/proposers/proposer.ts';
import { sobol } from '../../../search/samplers/sobol.ts';
import { bestOf, bowl, conditionalContract, plane, proposerContract, STARTUP, trying } from './proposer-contract.ts';
import { MIXED, observe, requestOf, spaceOf } from './spaces.ts';

const { propose, run } = trying(gp);

proposerContract(gp, { space: MIXED, count: 30, score: ({ dropout }) => dropout });
conditionalContract(gp);

test('proposals find a better optimum than draws do', () => {
  const ratios = Array.from({ length: 5 }, (_, i) => {
    const seed = i + 1;
    const drawn = observe(40, (observations) => drawFresh(requestOf(plane, { observations, seed })), bowl);
    return bestOf(run(plane, 40, bowl, seed)) / bestOf(drawn);
  });
  const sorted = ratios.sort((a, b) => a - b);
  // Regrets of 40 proposals in relation to those of 40 draws.
  assert.ok(
    sorted.every((ratio) => ratio < 0.01),
    `${sorted}`,
  );
});

test('proposals go where scores are high on choices and whole numbers too', () => {
  const score = ({ activation, hidden, batch }: Point) =>
    (activation === 'tanh' ? 1 : 0) + (hidden.length === 2 ? 1 : 0) - Math.abs(batch - 12) / 8;
  const late = [1, 2].flatMap((seed) => run(MIXED, 40, score, seed).slice(25));
  const share = (test: (point: Point) => boolean) => late.filter(({ point }) => test(point)).length / late.length;
  // Draws have a third, two fifths and less than a third of their points there.
  const shares = [
    share(({ activation }) => activation === 'tanh'),
    share(({ hidden }) => hidden.length === 2),
    share(({ batch }) => Math.abs(batch - 12) <= 2),
  ];
  assert.ok(Math.min(...shares) > 0.6, `${shares}`);
});

const finite = spaceOf({
  learningRate: { kind: 'choice', values: [0.001, 0.01, 0.1] },
  batch: { kind: 'uniform', low: 16, high: 19, whole: true },
  activation: { kind: 'choice', values: ['gelu', 'tanh'] },
  hidden: { kind: 'choice', values: [[8], [8, 8]] },
});

test('no point of a finite space is proposed twice, until none is left', () => {
  const all = run(finite, 48, ({ learningRate, batch }) => (batch === 18 ? null : learningRate));
  assert.equal(new Set(all.map(({ point }) => canonicalJson(point))).size, 48);
  assert.throws(() => propose(requestOf(finite, { observations: all })), RangeError);
});

test('points that have not ended are not proposed again', () => {
  const observations = run(finite, 20, ({ learningRate }) => learningRate);
  const pending: Point[] = [];
  while (pending.length < 28) pending.push(propose(requestOf(finite, { observations, pending })));
  assert.equal(new Set([...observations.map(({ point }) => point), ...pending].map(canonicalJson)).size, 48);
});

test('without a score, or with equal ones, points are drawn', () => {
  for (const score of [null, Number.NaN, 0.5]) {
    for (const space of [plane, finite]) {
      const observations = run(space, 20, () => score);
      const request = requestOf(space, { observations });
      assert.deepEqual(propose(request), drawFresh(request));
    }
  }
});

test('points that diverge are avoided', () => {
  const score = (point: Point) => (point.learningRate > 0.01 ? null : bowl(point));
  const observations = run(plane, 50, score);
  const diverged = observations.slice(STARTUP).filter((one) => one.score === null).length;
  // Half of the space diverges.
  assert.ok(diverged < 10, `${diverged} of 40`);
});

test('points proposed at the same time keep their distance', () => {
  // Hills whose heights few observations leave open.
  const hills = ({ learningRate, dropout }: Point) => Math.sin(4 * Math.log10(learningRate)) * Math.cos(11 * dropout);
  const observations = run(plane, 14, hills);
  const distance = (a: Point, b: Point) => Math.hypot(Math.log10(a.learningRate / b.learningRate) / 4, a.dropout - b.dropout);
  const pending: Point[] = [];
  for (let i = 0; i < 24; i++) pending.push(propose(requestOf(plane, { observations, pending })));
  const apart = pending.map((own) => Math.min(...pending.filter((one) => one !== own).map((one) => distance(own, one))));
  const [first] = pending as [Point];
  const alone = [1, 2, 3].map((i) => distance(first, propose(requestOf(plane, { observations, number: 20 + i }))));
  const middle = apart.sort((a, b) => a - b)[12] as number;
  assert.ok(middle > 0.02, `${apart}`);
  assert.ok(Math.max(...alone) < 0.002, `${alone}: without the others in mind, they would be one point`);
});

test('one score far from all others, however bad, does not hide the best', () => {
  const rates = [-1e12, null].map((outlier) => {
    const observations = run(plane, 30, bowl).map((one, i) => (i === 4 ? { ...one, score: outlier } : one));
    return observe(10, (more) => propose(requestOf(plane, { observations: [...observations, ...more] })), bowl);
  });
  for (const found of rates) assert.ok(bestOf(found) > -0.01, `${bestOf(found)}`);
});

test('a request of many observations is answered from some of them', () => {
  const at = sobol.createPoints({ trials: 700, seed: 1 }, { space: MIXED, cells: 1, widths: [1], seeds: 1 });
  const observations = Array.from({ length: 700 }, (_, n): Observation => ({ point: at(n), score: at(n).dropout }));
  const request = requestOf(MIXED, { observations, pending: Array.from({ length: 150 }, (_, n) => at(n + 700)) });
  assert.deepEqual(propose(request), propose(structuredClone(request)));
  assert.ok(propose(request).dropout > 0.45);
});

test('proposals are within the space', () => {
  for (const { point } of run(MIXED, 30, ({ learningRate }) => learningRate)) {
    assert.ok(point.learningRate >= 1e-4 && point.learningRate <= 1e-1);
    assert.ok(point.dropout >= 0 && point.dropout <= 0.5);
    assert.ok(Number.isInteger(point.batch) && point.batch >= 8 && point.batch <= 24);
    assert.equal(point.optimiser, 'adam');
    assert.equal(point.start, 'scratch');
  }
});
