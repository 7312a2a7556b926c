/** Tests that every proposer has to pass, and a landscape on which proposers are tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import type { Dimensions, Point } from '../../../search/parameters.ts';
import { drawFresh } from '../../../search/proposers/fresh.ts';
import type { Observation, ProposalRequest, Proposer, SearchSettings } from '../../../search/proposers/proposer.ts';
import { CONDITIONAL, observe, requestOf, spaceOf } from './spaces.ts';

export const STARTUP = 10;

export type Score = (point: Point) => number | null;

export const plane = spaceOf({
  learningRate: { kind: 'log', low: 1e-4, high: 1 },
  dropout: { kind: 'uniform', low: 0, high: 1 },
});
/** 0 at the best point. */
export const bowl = ({ learningRate, dropout }: Point) => -((Math.log10(learningRate) + 2.3) ** 2) - 16 * (dropout - 0.2) ** 2;

export const bestOf = (observations: readonly Observation[]) =>
  Math.max(...observations.map(({ score }) => score ?? Number.NEGATIVE_INFINITY));

/** Returns the function of a proposer, and one that proposes one at a time. */
export function trying(proposer: Proposer<SearchSettings>) {
  const propose = (request: ProposalRequest): Point => proposer.propose({ startup: STARTUP }, request);
  const run = (space: Dimensions, count: number, score: Score, seed = 1) =>
    observe(count, (observations) => propose(requestOf(space, { observations, seed })), score);
  return { propose, run };
}

/** Tests a proposer; `space` and `score` are those of as many observations as a request has. */
export function proposerContract(
  proposer: Proposer<SearchSettings>,
  { space, count, score }: { readonly space: Dimensions; readonly count: number; readonly score: Score },
): void {
  const { propose, run } = trying(proposer);

  test('the first points are drawn, the same for every cell', () => {
    const observations = run(plane, STARTUP - 1, bowl);
    for (let number = 0; number < STARTUP; number++) {
      const request = requestOf(plane, { observations: observations.slice(0, number), number });
      assert.deepEqual(propose(request), drawFresh(request));
      assert.deepEqual(propose({ ...request, cell: 'eca' }), propose(request));
    }
  });

  test('a proposal depends on its request alone, and on each part of it', () => {
    const observations = run(space, count, score);
    const request = requestOf(space, { observations });
    const again = structuredClone(request);
    // Nothing is remembered of the copy.
    assert.deepEqual(propose(request), propose(again));
    assert.deepEqual(request, again, 'and changes nothing of it');
    const own = canonicalJson(propose(request));
    const others = [
      { seed: 2 },
      { cell: 'ednn/3' },
      { number: count + 1 },
      { observations: observations.map((one) => ({ point: one.point, score: -(one.score as number) })) },
    ].map((changes) => canonicalJson(propose({ ...request, ...changes })));
    for (const other of others) assert.notEqual(other, own);
  });
}

/** Tests a proposer of spaces in which parameters exist only where others have certain values. */
export function conditionalContract(proposer: Proposer<SearchSettings>): void {
  const { run } = trying(proposer);

  test('points have the parameters that exist there, and the best of these are found', () => {
    const valley = ({ optimiser, momentum, warmUp = 0, learningRate }: Point) =>
      (optimiser === 'sgd' ? 1 - 4 * ((momentum as number) - 0.6) ** 2 : 0) -
      Math.abs(warmUp - 0.2) -
      Math.abs(Math.log10(learningRate) + 2) / 2;
    const late = [1, 2].flatMap((seed) => run(CONDITIONAL, 40, valley, seed).slice(25));
    for (const { point } of late) {
      assert.equal(point.momentum !== undefined, point.optimiser === 'sgd');
      assert.equal(point.warmUp !== undefined, point.schedule === 'one-cycle');
    }
    const near = late.filter(({ point: { momentum = 0 } }) => Math.abs(momentum - 0.6) < 0.2);
    // Draws have a seventh of their points there.
    assert.ok(near.length > late.length / 2, `${near.length} of ${late.length}`);
  });

  test('a part of the space without ranges is exhausted, and then left', () => {
    const narrow = spaceOf({
      optimiser: { kind: 'choice', values: ['adam', 'sgd'] },
      momentum: { kind: 'uniform', low: 0, high: 0.95 },
    });
    const all = run(narrow, 25, ({ optimiser, momentum = 0 }) => (optimiser === 'adam' ? 1 : momentum));
    assert.equal(new Set(all.map(({ point }) => canonicalJson(point))).size, 25);
  });
}
