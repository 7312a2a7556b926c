import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AdaptiveSweep,
  findGap,
  listSources,
  meanScore,
  observedTrials,
  observePoints,
  type Proposal,
  ProposedPoints,
  pointSource,
  pointsOfTrials,
  proposePoints,
  replayProposals,
  trialsOfPoint,
} from '../../search/proposals.ts';
import { previewTrials, trialCount, trialsAt } from '../../search/space.ts';
import { specOf } from './specs.ts';

/** 12 points of each of 3 cells, 2 seeds, 2 partitions. */
const adaptive = (changes: Record<string, unknown> = {}) =>
  specOf({
    methods: ['ednn', 'eca'],
    space: { k: [1, 2], learningRate: { log: [0.001, 0.1] }, hidden: { choice: [[8], [16]] } },
    seeds: 2,
    split: { repeats: 2 },
    sampler: { tpe: { trials: 72, startup: 3 } },
    ...changes,
  }) as AdaptiveSweep;

/** Proposes the points of the first partition in packs of 6 trials, the third before the second. */
function searched(spec: AdaptiveSweep): Proposal[] {
  const proposals: Proposal[] = [];
  const packs = Array.from({ length: trialCount(spec) / 12 }, (_, pack) => Array.from({ length: 6 }, (_, i) => pack * 6 + i));
  const order = [packs[0], packs[2], packs[1], ...packs.slice(3)] as number[][];
  const ended: number[] = [];
  for (const [n, indices] of order.entries()) {
    // What was proposed two packs ago has ended, but for one trial that takes long.
    ended.push(...(order[n - 2] ?? []).filter((index) => index !== 3));
    const scores = new Map(ended.map((index) => [index, index % 5 === 0 ? null : Math.sin(index)]));
    const pending = proposals.filter(({ observed }) => observed === null);
    const before = proposals.length - pending.length;
    const observed = observePoints(spec, pending, scores, before);
    for (const one of observed) proposals[one.position] = one;
    const wanted = pointsOfTrials(spec, indices).filter(
      (key) => !proposals.some(({ cell, point }) => cell === key.cell && point === key.point),
    );
    const counts = { position: proposals.length, observations: before + observed.length, revision: n };
    proposals.push(...proposePoints(spec, { ...counts, known: [...proposals] }, wanted));
  }
  return proposals;
}

const evolving = () =>
  adaptive({
    space: { k: [1, 2], learningRate: { log: [0.001, 0.1] }, dropout: { uniform: [0, 0.5] } },
    sampler: { cmaes: { trials: 144, startup: 3 } },
  });

test('every proposal of an evolution is recomputed from the two counts', () => {
  const proposals = searched(evolving());
  assert.equal(proposals.length, 72);
  const read = JSON.parse(JSON.stringify(proposals)) as Proposal[];
  for (const { proposal, propose } of replayProposals(evolving(), read)) assert.deepEqual(propose(), proposal.value);
});

test('every proposal is recomputed from the two counts, whatever ended later', () => {
  const spec = adaptive();
  const proposals = searched(spec);
  assert.equal(proposals.length, 36);
  assert.equal(findGap(proposals), null);
  assert.ok(
    proposals.some(({ observed }) => observed === null),
    'one is pending',
  );
  assert.ok(proposals.at(-1)?.observations ?? 0 > 20);
  const read = JSON.parse(JSON.stringify(proposals)) as Proposal[];
  for (const { proposal, propose } of replayProposals(spec, read.toReversed())) assert.deepEqual(propose(), proposal.value);
});

test('proposals of a Gaussian process are recomputed, too', () => {
  const spec = adaptive({ sampler: { gp: { trials: 72, startup: 3 } } });
  const proposals = searched(spec);
  assert.equal(proposals[35]?.sampler.name, 'gp');
  const read = JSON.parse(JSON.stringify(proposals)) as Proposal[];
  for (const { proposal, propose } of replayProposals(spec, read)) assert.deepEqual(propose(), proposal.value);
});

for (const name of ['nsga2', 'tpe'] as const) {
  test(`proposals of ${name} that weigh objectives are recomputed, with the size of the networks`, () => {
    const objectives = ['coveredVariance', 'parameters'];
    const spec = adaptive({ sampler: { [name]: { trials: 72, startup: 3, objectives } } });
    const proposals = searched(spec);
    assert.deepEqual(proposals[35]?.sampler, {
      name,
      version: 1,
      settings: {
        ...{ seed: 1, startup: 3 },
        objectives: { names: objectives, columns: { descriptors: 12, energies: 40 } },
      },
    });
    const read = JSON.parse(JSON.stringify(proposals)) as Proposal[];
    for (const { proposal, propose } of replayProposals(spec, read)) assert.deepEqual(propose(), proposal.value);
    // By scores alone, other points are proposed.
    const { sampler } = spec;
    assert.ok('objectives' in sampler && sampler.objectives);
    const alone = { ...spec, sampler: { ...sampler, objectives: { ...sampler.objectives, names: [] } } };
    let differing = 0;
    for (const { proposal, propose } of replayProposals(alone, read))
      differing += JSON.stringify(propose()) === JSON.stringify(proposal.value) ? 0 : 1;
    assert.ok(differing > 0);
  });
}

test('widths that share follow from each other, and are recomputed from the two counts', () => {
  const sharing = (share: boolean | undefined) => adaptive({ sampler: { tpe: { trials: 72, startup: 3, share } } });
  const spec = sharing(true);
  assert.deepEqual(listSources(spec, ['ednn/2', 'eca']), ['ednn/1', 'ednn/2', 'eca']);
  for (const share of [false, undefined]) assert.deepEqual(listSources(sharing(share), ['ednn/2']), ['ednn/2']);
  const proposals = searched(spec);
  assert.deepEqual(proposals[35]?.sampler, { name: 'tpe', version: 1, settings: { seed: 1, startup: 3, share: true } });
  const read = JSON.parse(JSON.stringify(proposals)) as Proposal[];
  for (const { proposal, propose } of replayProposals(spec, read.toReversed())) assert.deepEqual(propose(), proposal.value);
  // A score of one width changes what another one proposes.
  const changed = read.map((one) => (one.cell === 'ednn/1' && one.score !== null ? { ...one, score: -one.score } : one));
  const isOther = [...replayProposals(spec, changed)].map(
    ({ proposal, propose }) => proposal.cell === 'ednn/2' && JSON.stringify(propose()) !== JSON.stringify(proposal.value),
  );
  assert.ok(isOther.includes(true));
});

test('points are distinct within a cell, and those of a pack know of each other', () => {
  for (const [, own] of Map.groupBy(searched(adaptive()), ({ cell }) => cell)) {
    assert.equal(new Set(own.map(({ value }) => JSON.stringify(value))).size, 12);
  }
});

test('a point is observed when all of its seeds have ended on the first partition', () => {
  const spec = adaptive();
  const [first] = searched(spec) as [Proposal];
  const pending = [{ ...first, observed: null, score: null }];
  const [a, b] = observedTrials(spec)(first) as [number, number];
  assert.deepEqual([a, b], [0, 1]);
  assert.deepEqual(observePoints(spec, pending, new Map([[a, 0.5]]), 7), []);
  const both = observePoints(
    spec,
    pending,
    new Map<number, number | null>([
      [a, 0.5],
      [b, null],
    ]),
    7,
  );
  assert.deepEqual(
    both.map(({ observed, score }) => [observed, score]),
    [[7, 0.5]],
  );
  assert.deepEqual(trialsOfPoint(spec, 2)(first), [0, 1, 72, 73]);
});

test('a point without a score is observed as such', () => {
  assert.equal(meanScore([null, null]), null);
  assert.equal(meanScore([0.25, null, 0.75]), 0.5);
});

test('trials have the proposed points, and an unknown one is an error', () => {
  const spec = adaptive();
  const points = new ProposedPoints(spec, searched(spec));
  const trials = trialsAt(spec, [...Array(trialCount(spec)).keys()], pointSource(spec, points));
  for (const trial of trials) assert.deepEqual(trial.configuration, trials[trial.index % 72]?.configuration);
  assert.equal(new Set(trials.map(({ configurationHash }) => configurationHash)).size, 36);
  assert.throws(() => trialsAt(spec, [0], pointSource(spec, new ProposedPoints(spec))), RangeError);
});

test('points that follow from the spec need no proposals', () => {
  const spec = specOf({ sampler: { grid: { steps: 2 } } });
  const indices = [...Array(trialCount(spec)).keys()];
  assert.deepEqual(trialsAt(spec, indices, pointSource(spec, new ProposedPoints(spec))), previewTrials(spec, indices));
});

test('a missing proposal or score is noticed', () => {
  const proposals = searched(adaptive());
  assert.match(findGap(proposals.toSpliced(4, 1))?.problem ?? '', /a proposal before it is missing/);
  const unseen = proposals.map((one) => (one.observed === 0 ? { ...one, observed: null, score: null } : one));
  assert.match(findGap(unseen)?.problem ?? '', /it saw \d+ scores, and 0 are stored/);
});
