import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateTraining, type TrainerSpeed } from '../../search/estimate.ts';
import { FLOPS_PER_CORE } from '../../search/packing.ts';
import { specOf } from './specs.ts';

const METHODS = [
  { method: 'ednn', trials: 10, flops: 6e12 },
  { method: 'eca', trials: 5, flops: 1e12 },
  { method: 'nnca', trials: 10, flops: 3e12 },
] as const;

const trainer = (changes: Partial<TrainerSpeed>): TrainerSpeed => ({
  ...{ class: 'cpu', engines: ['kernel'], threads: 4, flops: null },
  ...changes,
});
const estimate = (trainers: readonly TrainerSpeed[], spec = {}) =>
  estimateTraining(specOf(spec), { methods: METHODS }, trainers, 2);

test('without trainers, the cores of this machine train at the nominal speed', () => {
  const seconds = 1e13 / (2 * FLOPS_PER_CORE);
  const expected = { seconds, threadSeconds: 2 * seconds, threads: 2, speed: 'nominal', isStaffed: false };
  assert.deepEqual(estimate([]), expected);
  assert.deepEqual(estimate([trainer({ class: 'gpu' })]), expected, 'trainers of other classes');
});

test('trainers train at the speed that each has measured, new ones at the nominal one', () => {
  const measured = trainer({ flops: 3e11 });
  assert.deepEqual(estimate([measured]), {
    ...{ seconds: 1e13 / 3e11, threadSeconds: (4 * 1e13) / 3e11, threads: 4, speed: 'measured', isStaffed: true },
  });
  const { seconds, threads } = estimate([measured, trainer({})]);
  assert.deepEqual([seconds, threads], [1e13 / (3e11 + 4 * FLOPS_PER_CORE), 8]);
  assert.equal(estimate([trainer({})]).speed, 'nominal');
});

test('the slowest class decides; each has the trials of its own methods', () => {
  const spec = { class: { nnca: 'gpu' } };
  const [cpu, gpu] = [trainer({ flops: 7e11 }), trainer({ class: 'gpu', threads: 1, flops: 1e11 })];
  const both = estimate([cpu, gpu], spec);
  assert.deepEqual([both.seconds, both.threadSeconds, both.threads], [30, 10 * 4 + 30, 5]);
  const unstaffed = estimate([cpu], spec);
  assert.deepEqual([unstaffed.isStaffed, unstaffed.speed], [false, 'nominal']);
});

test('two engines of one class share its trainers', () => {
  const spec = { engine: { nnca: 'kernel' } };
  assert.equal(estimate([trainer({ flops: 1e12 })], spec).seconds, 10);
});
