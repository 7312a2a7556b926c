import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import type { Point } from '../../../search/parameters.ts';
import { drawFresh } from '../../../search/proposers/fresh.ts';
import { tpe } from '../../../search/proposers/tpe.ts';
import { frontContract } from './front-contract.ts';
import { bestOf, bowl, conditionalContract, plane, proposerContract, STARTUP, trying } from './proposer-contract.ts';
import { MIXED, observe, requestOf, spaceOf } from './spaces.ts';

const { propose, run } = trying(tpe);

proposerContract(tpe, { space: MIXED, count: 30, score: ({ dropout }) => dropout });
conditionalContract(tpe);
frontContract(tpe, 100);

test('proposals find a better optimum than draws do', () => {
  const ratios = Array.from({ length: 20 }, (_, i) => {
    const seed = i + 1;
    const drawn = observe(60, (observations) => drawFresh(requestOf(plane, { observations, seed })), bowl);
    return bestOf(run(plane, 60, bowl, seed)) / bestOf(drawn);
  });
  const sorted = ratios.sort((a, b) => a - b);
  // Regrets of 60 proposals in relation to those of 60 draws.
  assert.ok((sorted[10] as number) < 0.1, `the median is ${sorted[10]}`);
  assert.ok(sorted.filter((ratio) => ratio < 1).length >= 18, `${sorted}`);
});

test('a width whose siblings have found good points begins near them', () => {
  const siblings = { observations: [run(plane, 60, bowl, 7)], place: 1 };
  const best = (shared: typeof siblings | null) =>
    [1, 2, 3, 4, 5].map((seed) => {
      const own = observe(
        STARTUP + 5,
        (observations) => propose(requestOf(plane, { observations, seed, siblings: shared })),
        // Another optimum, not far from that of the siblings.
        (point) => bowl({ ...point, dropout: point.dropout - 0.05 }),
      );
      return bestOf(own.slice(STARTUP));
    });
  const [alone, shared] = [best(null), best(siblings)];
  assert.ok(Math.min(...shared) > -0.1 && Math.min(...shared) > Math.min(...alone), `${alone}; ${shared}`);
});

test('siblings count once they have as many points as are drawn, and are good or not by their own scores', () => {
  const observations = run(plane, 30, bowl);
  const proposeWith = (others: typeof observations) =>
    propose(requestOf(plane, { observations, siblings: { observations: [others], place: 0 } }));
  const alone = proposeWith([]);
  const others = run(plane, 40, (point) => bowl({ ...point, dropout: 1 - point.dropout }), 3);
  assert.deepEqual(proposeWith(others.slice(0, STARTUP - 1)), alone);
  assert.notDeepEqual(proposeWith(others), alone);
  // Scores of another width are only compared with each other.
  assert.deepEqual(proposeWith(others.map((one) => ({ ...one, score: 8 * (one.score as number) - 5 }))), proposeWith(others));
});

test('proposals go where scores are high on choices and whole numbers too', () => {
  const score = ({ activation, hidden, batch }: Point) =>
    (activation === 'tanh' ? 1 : 0) + (hidden.length === 2 ? 1 : 0) - Math.abs(batch - 12) / 8;
  const late = [1, 2, 3, 4, 5].flatMap((seed) => run(MIXED, 80, score, seed).slice(40));
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
  const observations = run(plane, 100, score);
  const diverged = observations.slice(STARTUP).filter((one) => one.score === null).length;
  // Half of the space diverges.
  assert.ok(diverged < 20, `${diverged} of 90`);
});

test('points proposed at the same time differ, in all directions', () => {
  const observations = run(plane, 40, bowl);
  const pending: Point[] = [];
  for (let i = 0; i < 64; i++) pending.push(propose(requestOf(plane, { observations, pending })));
  const apart =
    run(plane, 1, bowl) && pending.map(({ learningRate, dropout }) => [Math.log10(learningRate) / 4, dropout] as const);
  const nearest = apart.map(([x, y], i) =>
    Math.min(...apart.filter((_, j) => j !== i).map(([a, b]) => Math.hypot(a - x, b - y))),
  );
  const sorted = nearest.sort((a, b) => a - b);
  // Without the others in mind, proposals come within a few thousandths of each other.
  assert.ok((sorted[32] as number) > 0.01, `${sorted[32]}`);
  const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  assert.ok(spread(apart.map(([x]) => x)) > 0.3 && spread(apart.map(([, y]) => y)) > 0.3);
});

test('proposals are within the space', () => {
  for (const { point } of run(MIXED, 60, ({ learningRate }) => learningRate)) {
    assert.ok(point.learningRate >= 1e-4 && point.learningRate <= 1e-1);
    assert.ok(point.dropout >= 0 && point.dropout <= 0.5);
    assert.ok(Number.isInteger(point.batch) && point.batch >= 8 && point.batch <= 24);
    assert.equal(point.optimiser, 'adam');
    assert.equal(point.start, 'scratch');
  }
});
