import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExtensionRequest, extendSpec } from '../../../search/continuing/extension.ts';
import type { AdaptiveSweep, ProposedPoint } from '../../../search/proposals.ts';
import { proposePoints } from '../../../search/proposals.ts';
import { previewTrials, trialCount } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { specOf } from '../specs.ts';

const space = { k: [1, 2], learningRate: { log: [0.001, 0.1] }, hidden: { choice: [[8], [16]] } };
const drawn = (sampler: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
  specOf({ methods: ['ednn', 'nnca'], space, seeds: 2, sampler, ...changes });

const keysOf = (spec: SweepSpec): string[] =>
  previewTrials(spec, [...Array(trialCount(spec)).keys()]).map(({ configurationHash, seed, partition }) =>
    [configurationHash, seed, partition].join(),
  );

const WIDER: readonly (readonly [name: string, spec: SweepSpec, request: ExtensionRequest, trials: number])[] = [
  ['more random points', drawn({ random: { trials: 26 } }), { trials: 50 }, 50],
  ['more Sobol points', drawn({ sobol: { trials: 32 } }), { trials: 64 }, 64],
  ['more seeds', drawn({ random: { trials: 26 } }), { seeds: [1, 2, 3, 4] }, 52],
  ['more widths', drawn({ random: { trials: 26 } }), { k: [1, 2, 3] }, 48],
  ['all at once', drawn({ sobol: { trials: 16 } }), { trials: 90, seeds: [1, 2, 9], k: [1, 2, 4] }, 90],
  ['seeds of a grid', drawn({ grid: { steps: 2 } }), { seeds: [5, 2, 1] }, 48],
  ['widths of a list', drawn({ list: [{ hidden: [8], learningRate: 0.01 }] }), { k: [1, 2, 3] }, 12],
  ['repeats', drawn({ random: { trials: 16 } }, { split: { repeats: 3 } }), { trials: 24 }, 72],
];
for (const [name, spec, request, trials] of WIDER) {
  test(`${name}: every trial is one of the larger sweep`, () => {
    const extended = extendSpec(spec, request, []);
    assert.equal(trialCount(extended), trials);
    const keys = new Set(keysOf(extended));
    assert.equal(keys.size, trials);
    for (const key of keysOf(spec)) assert.ok(keys.has(key));
  });
}

test('the highest rank of ECA is another configuration', () => {
  const spec = drawn({ random: { trials: 12 } }, { methods: ['eca'] });
  const keys = new Set(keysOf(extendSpec(spec, { k: [1, 2, 3] }, [])));
  assert.ok(keysOf(spec).every((key) => !keys.has(key)));
});

test('an adaptive sampler goes on from the points that were proposed, then those that wait', () => {
  const own = { learningRate: 0.05, hidden: [8] };
  const spec = drawn(
    { tpe: { trials: 40, startup: 3 } },
    { enqueue: [own, { learningRate: 0.06, hidden: [16] }] },
  ) as AdaptiveSweep;
  const counts = { position: 0, observations: 0, revision: 0, known: [] };
  const wanted = [0, 3].map((point) => ({ cell: 'ednn/1', point }));
  const proposed: ProposedPoint[] = [...proposePoints(spec, counts, wanted)].toReversed();
  const extended = extendSpec(spec, { trials: 80, k: [1, 2, 3] }, proposed);
  const enqueue = extended.enqueue as Readonly<Record<string, readonly { learningRate: number }[]>>;
  assert.deepEqual(Object.keys(enqueue).sort(), ['ednn/1', 'ednn/2', 'ednn/3', 'nnca/1', 'nnca/2', 'nnca/3']);
  const [first, second, third] = enqueue['ednn/1'] ?? [];
  assert.deepEqual([first, third?.learningRate, enqueue['ednn/3']?.length], [own, 0.06, 2]);
  assert.deepEqual(second?.learningRate, proposed[0]?.value.learningRate);
  assert.deepEqual(extended.sampler, { ...spec.sampler, trials: 80 });
});

const FAULTS: readonly (readonly [name: string, spec: SweepSpec, request: ExtensionRequest, path: string, says: RegExp])[] = [
  ['fewer trials', drawn({ random: { trials: 40 } }), { trials: 38 }, 'sampler.random.trials', /38 trials are fewer than the 40/],
  [
    'too few for the widths',
    drawn({ random: { trials: 40 } }),
    { trials: 50, k: [1, 2, 3] },
    'sampler.random.trials',
    /fewer than the 60/,
  ],
  [
    'a multiple of no seeds',
    drawn({ random: { trials: 40 } }),
    { trials: 41 },
    'sampler.random.trials',
    /not a multiple of the 2/,
  ],
  ['nothing more', drawn({ random: { trials: 40 } }), {}, 'sampler.random.trials', /would train no other/],
  ['the same trials', drawn({ random: { trials: 40 } }), { trials: 40 }, 'sampler.random.trials', /would train no other/],
  ['nothing more of a grid', drawn({ grid: { steps: 2 } }), { seeds: [2, 1] }, 'sampler', /would train no other/],
  ['trials of a grid', drawn({ grid: { steps: 2 } }), { trials: 100 }, 'sampler', /points of a grid follow from the spec/],
  ['a seed less', drawn({ random: { trials: 40 } }), { seeds: [1, 3, 4] }, 'seeds', /seed 2 belongs to the sweep/],
  ['a width less', drawn({ random: { trials: 40 } }), { k: [2, 3] }, 'space.k', /width 1 belongs to the sweep/],
  [
    'more epochs',
    drawn({ random: { trials: 40 } }),
    { trials: 80, epochs: 80 },
    'training.epochs',
    /80 epochs would change what was trained with 40/,
  ],
  [
    'halving',
    drawn({ random: { trials: 40 } }, { halving: { reduction: 2, rungs: 2 } }),
    { trials: 80 },
    'halving',
    /with halving, .* which of those that were trained/,
  ],
  [
    'another rule that stops trials',
    drawn({ random: { trials: 40 } }, { stopping: { median: {} } }),
    { trials: 80 },
    'stopping',
    /with stopping, .* which of those that were trained/,
  ],
];
for (const [name, spec, request, path, says] of FAULTS) {
  test(`refused: ${name}`, () => {
    assert.throws(() => extendSpec(spec, request, []), { code: 'spec-invalid', path, message: says });
  });
}

test('the same epochs are no change', () => {
  assert.equal(trialCount(extendSpec(drawn({ random: { trials: 40 } }), { trials: 80, epochs: 40 }, [])), 80);
});

test('an adaptive sweep of very many points cannot be gone on from', () => {
  const spec = drawn({ tpe: { trials: 9000, startup: 3 } });
  const value = previewTrials(spec, [0])[0]?.configuration;
  const proposed = Array.from({ length: 1001 }, (_, point) => ({
    ...{ cell: 'ednn/1', point },
    value: { ...value, start: 'scratch', learningRate: 0.001 + 0.00001 * point },
  })) as ProposedPoint[];
  const extend = () => extendSpec(spec, { trials: 18_000 }, proposed);
  assert.throws(extend, { code: 'spec-invalid', path: 'sampler', message: /1001 points of ednn\/1 .* at most 1000/ });
});

test('a sweep that left points out is extended from those that it trained', () => {
  const spec = drawn({ random: { trials: 80 } });
  const limits = { 'ednn/1': 4, 'ednn/2': 4, 'nnca/1': 6, 'nnca/2': 6 };
  assert.deepEqual(extendSpec(spec, {}, [], limits).sampler, { ...spec.sampler, trials: 48 });
  assert.throws(() => extendSpec(spec, { trials: 40 }, [], limits), /40 trials are fewer than the 48/);
  assert.equal(trialCount(extendSpec(spec, { trials: 80 }, [], limits)), 80);
});
