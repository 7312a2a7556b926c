import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEnqueued, enqueuedPoints } from '../../../search/continuing/enqueue.ts';
import { retrainingSpecs } from '../../../search/neighbourhood.ts';
import {
  type AdaptiveSweep,
  type Proposal,
  ProposedPoints,
  pointSource,
  proposePoints,
  replayProposals,
} from '../../../search/proposals.ts';
import { parseSweepSpec } from '../../../search/schemas/spec.ts';
import { cellsOf, configurationsPerCell, trialsAt } from '../../../search/space.ts';
import { specDocument as documentOf, trialDocument } from '../../../search/spec-document.ts';
import { specDocument, specOf, trialAt } from '../specs.ts';

const OWN = [
  { learningRate: 0.003, hidden: [16] },
  { learningRate: 0.05, hidden: [8], dropout: 0.1 },
] as const;

/** 6 points of ednn/1, ednn/2 and eca. */
const adaptive = (changes: Record<string, unknown> = {}) =>
  specOf({
    methods: ['ednn', 'eca'],
    space: { k: [1, 2], learningRate: { log: [0.001, 0.1] }, hidden: { choice: [[8], [16]] }, dropout: 0.1 },
    seeds: 1,
    sampler: { tpe: { trials: 18, startup: 3 } },
    enqueue: OWN,
    ...changes,
  }) as AdaptiveSweep;

const COUNTS = { observations: 0, revision: 0 };

/** Proposes points of a cell in this order, each knowing those before it. */
function propose(spec: AdaptiveSweep, cell: string, order: readonly number[]): Proposal[] {
  const made: Proposal[] = [];
  for (const point of order)
    made.push(...proposePoints(spec, { ...COUNTS, position: made.length, known: [...made] }, [{ cell, point }]));
  return made;
}

test('enqueued points are the first of every cell, completed by constants, and recorded as such', () => {
  const spec = adaptive();
  const proposals = ['ednn/1', 'eca', 'ednn/2'].flatMap((cell) => propose(spec, cell, [0, 1, 2]));
  for (const [cell, own] of Map.groupBy(proposals, (one) => one.cell)) {
    assert.deepEqual(
      own.slice(0, 2).map(({ value }) => value),
      enqueuedPoints(spec, cell),
    );
    assert.deepEqual(
      own.map(({ sampler }) => sampler.name),
      ['enqueued', 'enqueued', 'tpe'],
    );
    assert.equal(own[0]?.value.dropout, 0.1, 'a constant of the space');
  }
  const trials = trialsAt(spec, [0, 1, 2, 3], pointSource(spec, new ProposedPoints(spec, proposals)));
  assert.deepEqual(
    trials.map(({ configuration }) => configuration.learningRate),
    [0.003, 0.003, 0.003, 0.05],
  );
});

test('points of one cell are those that its name lists', () => {
  const spec = adaptive({ enqueue: { eca: [OWN[0]] } });
  assert.equal(enqueuedPoints(spec, 'eca').length, 1);
  assert.deepEqual(enqueuedPoints(spec, 'ednn/1'), []);
  assert.equal(propose(spec, 'ednn/1', [0])[0]?.sampler.name, 'tpe');
});

test('a finite space has no point twice, although later points are proposed before enqueued ones', () => {
  const space = { k: 1, hidden: { choice: [[4], [8], [16], [32]] } };
  const enqueue = [{ hidden: [16] }, { hidden: [4] }];
  const spec = adaptive({ methods: ['ednn'], space, sampler: { tpe: { trials: 4, startup: 3 } }, enqueue });
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ]) {
    const proposals = propose(spec, 'ednn/1', order);
    assert.equal(new Set(proposals.map(({ value }) => String(value.hidden))).size, 4, String(order));
    for (const one of replayProposals(spec, proposals)) assert.deepEqual(one.propose(), one.proposal.value);
  }
});

test('the sampler sees enqueued points as it sees its own', () => {
  const spec = adaptive({ methods: ['ednn'], space: { k: 1, learningRate: { log: [0.001, 0.1] } }, enqueue: undefined });
  const scored = (learningRates: readonly number[]): Proposal[] => {
    const enqueue = learningRates.map((learningRate) => ({ learningRate }));
    const own = { ...spec, enqueue } as AdaptiveSweep;
    const first = propose(own, 'ednn/1', [0, 1, 2, 3]).map((one, i) => ({ ...one, observed: i, score: one.value.learningRate }));
    return [...proposePoints(own, { position: 4, observations: 4, revision: 1, known: first }, [{ cell: 'ednn/1', point: 4 }])];
  };
  const [low] = scored([0.001, 0.0011, 0.0012, 0.0013]);
  const [high] = scored([0.09, 0.091, 0.092, 0.093]);
  assert.notDeepEqual(low?.value, high?.value);
});

const FAULTS: readonly (readonly [name: string, change: Record<string, unknown>, path: string, says: RegExp])[] = [
  ['a sampler that does not learn', { sampler: { random: { trials: 18 } } }, 'enqueue', /random does not learn/],
  [
    'more points than trials',
    { sampler: { tpe: { trials: 6, startup: 1 } }, enqueue: [...OWN, { hidden: [8], learningRate: 0.01 }] },
    'enqueue',
    /3 points of eca are more than the 2/,
  ],
  [
    'more points of a cell than its trials',
    { enqueue: { eca: Array.from({ length: 7 }, (_, i) => ({ hidden: [8], learningRate: 0.01 + 0.01 * i })) } },
    'enqueue.eca',
    /7 points of eca are more than the 6/,
  ],
  ['a cell that is not trained', { enqueue: { 'ednn/3': [OWN[0]] } }, 'enqueue.ednn/3', /trains no "ednn\/3"/],
  [
    'a value outside a choice',
    { enqueue: [{ hidden: [9], learningRate: 0.01 }] },
    'enqueue[0].hidden',
    /not in the space's choice/,
  ],
  [
    'a value outside a range',
    { enqueue: { eca: [{ hidden: [8], learningRate: 0.5 }] } },
    'enqueue.eca[0].learningRate',
    /outside the space's range/,
  ],
  [
    'a value besides a constant',
    { enqueue: [OWN[0], { ...OWN[1], dropout: 0.2 }] },
    'enqueue[1].dropout',
    /0.2 is outside the space, which has one value of dropout/,
  ],
  ['a parameter left open', { enqueue: [{ hidden: [8] }] }, 'enqueue[0].learningRate', /leaves learningRate open/],
  ['a point twice', { enqueue: [OWN[1], { learningRate: 0.05, hidden: [8] }] }, 'enqueue[1]', /same point as enqueue\[0\]/],
  ['an unknown parameter', { enqueue: [{ ...OWN[0], learningRat: 0.1 }] }, 'enqueue[0].learningRat', /unknown key/],
  ['a value of another type', { enqueue: { eca: [{ hidden: 'wide' }] } }, 'enqueue.eca[0].hidden', /array/],
  ['no point', { enqueue: [] }, 'enqueue', /at least one point/],
];
for (const [name, change, path, says] of FAULTS) {
  test(`refused: ${name}`, () => {
    const { enqueue = OWN, ...rest } = change;
    const { space, ...document } = documentOf(adaptive({ enqueue: undefined }), 'water');
    const spec = { ...specDocument(), ...document, space: { ...(space as object), weightDecay: 0 }, ...rest, enqueue };
    assert.throws(() => parseSweepSpec(spec), { code: 'spec-invalid', path, message: says });
  });
}

test('the document of a spec enqueues the same points; that of a trial and of a retraining none', () => {
  for (const enqueue of [OWN, { eca: [OWN[0]] }]) {
    const spec = adaptive({ enqueue });
    assert.deepEqual(parseSweepSpec(documentOf(spec, spec.dataset)), [spec]);
  }
  const spec = adaptive();
  assert.deepEqual([...checkEnqueued(spec)], []);
  const trial = trialAt(spec, 0);
  assert.ok(!('enqueue' in trialDocument(spec, 'water', { ...trial, name: 'again' })));
  const champion = { method: 'ednn', k: 1, trialId: 's-0', configuration: trial.configuration } as const;
  for (const one of retrainingSpecs(spec, [champion], 'water', 'again')) assert.equal(one.enqueue, undefined);
});

test('the configurations of each cell add up, the first having one more', () => {
  const spec = adaptive({ sampler: { tpe: { trials: 20, startup: 3 } } });
  assert.deepEqual(configurationsPerCell(spec), [7, 7, 6]);
  assert.equal(cellsOf(spec).length, 3);
});
