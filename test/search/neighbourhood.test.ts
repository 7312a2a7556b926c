import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import { checkWarmStarts } from '../../search/check-warm.ts';
import { type Incumbent, neighbourhood, retrainingSpecs } from '../../search/neighbourhood.ts';
import { trialCount } from '../../search/space.ts';
import { specOf, trialAt } from './specs.ts';

const OWN: TrialConfiguration = {
  method: 'ednn',
  k: 2,
  hidden: [32, 30],
  activation: 'gelu',
  layerNorm: false,
  dropout: 0,
  optimiser: 'adam',
  weightDecay: 0,
  learningRate: 0.02,
  schedule: 'one-cycle',
  epochs: 40,
  batch: 64,
  patience: 0,
};

test('the champion comes first, then neighbours that differ in one parameter', () => {
  const [own, ...others] = neighbourhood(OWN, 1024);
  assert.deepEqual(own, {
    ...{ learningRate: 0.02, weightDecay: 0, optimiser: 'adam', schedule: 'one-cycle', start: 'scratch' },
    ...{ dropout: 0, layerNorm: false, activation: 'gelu', patience: 0, batch: 64, hidden: [32, 30] },
  });
  assert.deepEqual(others, [
    { ...own, start: 'warm' },
    { ...own, start: 'warm', learningRate: 0.01 },
    { ...own, learningRate: 0.01 },
    { ...own, learningRate: 0.04 },
    { ...own, hidden: [48, 48] },
  ]);
});

const cases: [string, Partial<TrialConfiguration>, object][] = [
  ['decay is made less', { weightDecay: 0.03 }, { weightDecay: 0.01 }],
  ['dropout is halved', { dropout: 0.2 }, { dropout: 0.1 }],
];
for (const [title, changes, expected] of cases) {
  test(title, () => {
    const [own, ...others] = neighbourhood({ ...OWN, ...changes }, 1024);
    assert.ok(others.some((point) => JSON.stringify(point) === JSON.stringify({ ...own, ...expected })));
  });
}

test('a neighbour has the momentum of its champion, and a champion without one none', () => {
  const points = neighbourhood({ ...OWN, optimiser: 'sgd', momentum: 0.5 }, 1024);
  assert.ok(points.every(({ momentum }) => momentum === 0.5));
  const champion = (k: number, configuration: Partial<TrialConfiguration>): Incumbent => ({
    ...{ method: 'ednn', k, trialId: `s-${k}` },
    configuration: { ...OWN, k, optimiser: 'sgd', ...configuration },
  });
  const spec = specOf({ methods: ['ednn'], space: { k: [1, 2] } });
  const [again] = retrainingSpecs(spec, [champion(1, { momentum: 0.5 }), champion(2, {})], 'water@1', 'again');
  assert.ok(again);
  assert.equal(again.space.momentum, undefined);
  const trials = Array.from({ length: trialCount(again) }, (_, index) => trialAt(again, index));
  assert.deepEqual(new Set(trials.map(({ configuration }) => configuration.momentum)), new Set([0.5, undefined]));
});

test('a champion is retrained with its own target weighting, next to one without', () => {
  const champion = (k: number, configuration: Partial<TrialConfiguration>): Incumbent => ({
    ...{ method: 'ednn', k, trialId: `s-${k}` },
    configuration: { ...OWN, k, ...configuration },
  });
  const spec = specOf({ methods: ['ednn'], space: { k: [1, 2], targetWeighting: { uniform: [-2, 0] } } });
  for (const champions of [
    [champion(1, { targetWeighting: -1 }), champion(2, {})],
    [champion(1, {}), champion(2, { targetWeighting: -1 })],
  ]) {
    const [again] = retrainingSpecs(spec, champions, 'water@1', 'again');
    assert.ok(again);
    assert.ok(!('targetWeighting' in again.space));
    const trials = Array.from({ length: trialCount(again) }, (_, index) => trialAt(again, index));
    assert.deepEqual(new Set(trials.map(({ configuration }) => configuration.targetWeighting)), new Set([-1, undefined]));
  }
});

test('a champion that started warm has the same neighbourhood', () => {
  assert.deepEqual(neighbourhood({ ...OWN, start: 'warm', warm: 'earlier' }, 1024), neighbourhood(OWN, 1024));
});

test('layers at the maximum width keep their width', () => {
  const shapes = (hidden: number[], widest: number) =>
    new Set(neighbourhood({ ...OWN, hidden }, widest).map((point) => point.hidden.join()));
  assert.deepEqual(shapes([2000], 1024), new Set(['2000']));
  assert.deepEqual(shapes([32, 30], 40), new Set(['32,30', '40,40']));
  // Twice as wide as the widest of the spec, 128, and no wider.
  const [sweep] = retrainingSpecs(specOf(), [incumbent('ednn', 1, { hidden: [256] })], 'water@ab', 'again');
  assert.ok(sweep?.sampler.kind === 'list' && sweep.sampler.points.every(({ hidden }) => hidden?.join() === '256'));
});

const incumbent = (method: Incumbent['method'], k: number, changes: Partial<TrialConfiguration> = {}): Incumbent => ({
  method,
  k,
  trialId: `s-${method}-${k}`,
  configuration: { ...OWN, method, k, ...changes },
});

test('champions with the same layers and widths share one sweep, whose points are complete', () => {
  const spec = specOf({ seeds: 2 });
  const champions = [1, 2].flatMap((k) => [incumbent('ednn', k), incumbent('nnca', k), incumbent('eca', k)]);
  const [sweep, ...others] = retrainingSpecs(spec, champions, 'water@ab', 'again');
  assert.ok(sweep);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [sweep.name, sweep.dataset, sweep.methods, sweep.space.k],
    ['again', 'water@ab', ['ednn', 'eca', 'nnca'], [1, 2]],
  );
  assert.deepEqual([sweep.split, sweep.seeds, sweep.target], [spec.split, spec.seeds, spec.target]);
  const cells = 5; // two widths of EDNN and NNCA, one fit of ECA
  assert.equal(trialCount(sweep) % (cells * 2), 0);
  assert.deepEqual(trialAt(sweep, 0).configuration.hidden, [32, 30]);
  assert.deepEqual(sweep.warm, {
    ...{ 'ednn/1': 's-ednn-1', 'ednn/2': 's-ednn-2', 'nnca/1': 's-nnca-1', 'nnca/2': 's-nnca-2' },
    eca: 's-eca-2',
  });
  // The stored spec is one that a person could have written.
  assert.deepEqual([...checkWarmStarts(sweep)], []);
  const starts = Array.from({ length: trialCount(sweep) }, (_, i) => trialAt(sweep, i).configuration.warm);
  assert.equal(starts.filter((warm) => warm === 's-eca-2').length, 2 * 2);
});

test('other layers, or other widths of a method, get a sweep of their own', () => {
  const sweeps = retrainingSpecs(
    specOf(),
    [incumbent('ednn', 1), incumbent('ednn', 2, { hidden: [64] }), incumbent('nnca', 1), incumbent('nnca', 2)],
    'water@ab',
    'again',
  );
  assert.deepEqual(
    sweeps.map(({ name, methods, space }) => [name, methods, space.k]),
    [
      ['again-1', ['ednn'], [1]],
      ['again-2', ['ednn'], [2]],
      ['again-3', ['nnca'], [1, 2]],
    ],
  );
});

test('points shared by champions are trained once', () => {
  const one = retrainingSpecs(specOf({ seeds: 1 }), [incumbent('ednn', 1)], 'water@ab', 'again')[0];
  const two = retrainingSpecs(specOf({ seeds: 1 }), [incumbent('ednn', 1), incumbent('ednn', 2)], 'water@ab', 'again')[0];
  assert.ok(one && two);
  assert.equal(trialCount(two), 2 * trialCount(one));
});

test('a retraining trains every neighbour to its end, whatever rule stopped trials of the sweep', () => {
  for (const rule of [{ halving: { reduction: 3, rungs: 3, brackets: 2 } }, { stopping: { extrapolate: {} } }]) {
    const [sweep] = retrainingSpecs(specOf(rule), [incumbent('ednn', 1)], 'water@ab', 'again');
    assert.deepEqual([sweep?.halving, sweep?.stopping], [null, undefined]);
  }
});
