import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import { enqueueFindings, type Finding } from '../../../search/continuing/findings.ts';
import { specOf } from '../specs.ts';

const space = { k: [1, 2], learningRate: { log: [0.001, 0.1] }, hidden: { choice: [[8], [16]] } };
const adaptive = (changes: Record<string, unknown> = {}) =>
  specOf({ methods: ['ednn'], space, seeds: 1, sampler: { tpe: { trials: 12, startup: 3 } }, ...changes });

const BASE: TrialConfiguration = {
  ...{ method: 'ednn', k: 1, hidden: [8], activation: 'tanh', layerNorm: true, dropout: 0.5, optimiser: 'adam' },
  ...{ weightDecay: 0.1, learningRate: 0.01, schedule: 'cosine', epochs: 7, batch: 8, patience: 3 },
};
const finding = (cell: string, changes: Partial<TrialConfiguration>): Finding => ({
  cell,
  configuration: { ...BASE, ...changes },
});

test('the best of each cell come first, with the constants of the space', () => {
  const found = [
    finding('ednn/1', { learningRate: 0.02 }),
    finding('ednn/1', { learningRate: 0.03, hidden: [16] }),
    finding('ednn/1', { learningRate: 0.04 }),
    finding('ednn/2', { k: 2, learningRate: 0.05 }),
    finding('nnca/1', { method: 'nnca', learningRate: 0.06 }),
  ];
  const { enqueue, ...rest } = enqueueFindings(adaptive(), 'earlier', found, 2).spec;
  assert.deepEqual(enqueue, {
    'ednn/1': [
      { learningRate: 0.02, hidden: [8] },
      { learningRate: 0.03, hidden: [16] },
    ],
    'ednn/2': [{ learningRate: 0.05, hidden: [8] }],
  });
  assert.deepEqual(rest, adaptive());
});

test('configurations outside the space are left out, and those that become one point count once', () => {
  const found = [
    finding('ednn/1', { hidden: [9] }),
    finding('ednn/1', { learningRate: 0.5 }),
    finding('ednn/1', { learningRate: 0.02, dropout: 0 }),
    finding('ednn/1', { learningRate: 0.02, dropout: 0.2 }),
    finding('ednn/1', { learningRate: 0.03 }),
  ];
  const { enqueue } = enqueueFindings(adaptive(), 'earlier', found, 2).spec;
  assert.deepEqual(enqueue, {
    'ednn/1': [
      { learningRate: 0.02, hidden: [8] },
      { learningRate: 0.03, hidden: [8] },
    ],
  });
});

test('configurations have the parameters that exist there, with the default where it was not stated', () => {
  const spec = adaptive({
    space: {
      k: 1,
      optimiser: { choice: ['adam', 'sgd'] },
      momentum: { uniform: [0, 0.95] },
      learningRate: { log: [0.001, 0.1] },
    },
  });
  const found = [
    finding('ednn/1', { optimiser: 'sgd' }),
    finding('ednn/1', { optimiser: 'adam', warmUp: 0.3 }),
    finding('ednn/1', { optimiser: 'sgd', momentum: 0.97 }),
    finding('ednn/1', { optimiser: 'sgd', momentum: 0.5 }),
  ];
  assert.deepEqual(enqueueFindings(spec, 'earlier', found, 4).spec.enqueue, {
    'ednn/1': [
      { learningRate: 0.01, optimiser: 'sgd', momentum: 0.9 },
      { learningRate: 0.01, optimiser: 'adam' },
      { learningRate: 0.01, optimiser: 'sgd', momentum: 0.5 },
    ],
  });
});

test('configurations of before there were target weightings have the default', () => {
  const spec = adaptive({ space: { k: 1, learningRate: { log: [0.001, 0.1] }, targetWeighting: { uniform: [-2, 2] } } });
  const found = [finding('ednn/1', {}), finding('ednn/1', { targetWeighting: 1.5 })];
  assert.deepEqual(enqueueFindings(spec, 'earlier', found, 2).spec.enqueue, {
    'ednn/1': [
      { learningRate: 0.01, targetWeighting: 0 },
      { learningRate: 0.01, targetWeighting: 1.5 },
    ],
  });
});

test("points of one's own come before them, and are not repeated", () => {
  const own = { learningRate: 0.02, hidden: [8] };
  const found = [finding('ednn/1', { learningRate: 0.02 }), finding('ednn/1', { learningRate: 0.03 })];
  const { enqueue } = enqueueFindings(adaptive({ enqueue: [own] }), 'earlier', found, 3).spec;
  assert.deepEqual(enqueue, { 'ednn/1': [own, { learningRate: 0.03, hidden: [8] }], 'ednn/2': [own] });
});

test('a start, and a whole number, are those of the configuration', () => {
  const spec = adaptive({
    space: { k: 1, start: { choice: ['scratch', 'warm'] } },
    training: { epochs: 4, batch: { log: [4, 16] } },
    warm: { 'ednn/1': 'searlier-1' },
    sampler: { tpe: { trials: 8, startup: 3 } },
  });
  const found = [finding('ednn/1', { start: 'warm', warm: 'sother-3' }), finding('ednn/1', { batch: 32 }), finding('ednn/1', {})];
  assert.deepEqual(enqueueFindings(spec, 'earlier', found, 3).spec.enqueue, {
    'ednn/1': [
      { start: 'warm', batch: 8 },
      { start: 'scratch', batch: 8 },
    ],
  });
});

test('configurations outside the space are counted', () => {
  const [near, far] = [finding('ednn/1', { learningRate: 0.02 }), finding('ednn/1', { hidden: [9] })];
  const warningOf = (findings: readonly Finding[], best: number, changes = {}) =>
    enqueueFindings(adaptive(changes), 'earlier', findings, best).warning;
  assert.equal(warningOf([near, far], 1), null, 'those after the best are not looked at');
  assert.equal(warningOf([far, near, far], 2), 'configurations of earlier that are outside the space are left out: 2 of ednn/1');
  const widths = Array.from({ length: 6 }, (_, i) => i + 1);
  const many = widths.map((k) => finding(`ednn/${k}`, { hidden: [9] }));
  const wide = {
    space: { ...space, k: widths },
    sampler: { tpe: { trials: 60, startup: 3 } },
  };
  assert.match(warningOf([...many, near], 3, wide) ?? '', /: 1 of ednn\/1, .*1 of ednn\/4, and those of 2 more$/);
});

test('nothing within the space, or more than a cell trains, is an error of `from`', () => {
  const nothing = () => enqueueFindings(adaptive(), 'earlier', [finding('ednn/1', { hidden: [9] })], 3);
  assert.throws(nothing, {
    code: 'spec-invalid',
    path: 'from',
    message: /earlier has no completed configuration of ednn\/1, ednn\/2/,
  });
  const many = Array.from({ length: 9 }, (_, i) => finding('ednn/2', { learningRate: 0.01 + 0.001 * i }));
  const excess = () => enqueueFindings(adaptive(), 'earlier', many, 9);
  assert.throws(excess, { code: 'spec-invalid', path: 'from', message: /9 points of ednn\/2 are more than the 6/ });
});
