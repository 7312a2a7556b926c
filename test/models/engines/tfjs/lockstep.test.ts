import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsOf } from '../../../../models/engines/tfjs/lockstep.ts';
import type { TrialConfiguration } from '../../../../models/training/configuration.ts';
import { noise, packDataOf, taskOf } from '../../../support/data.ts';

const data = packDataOf(noise(30, 3, 'x'), noise(30, 4, 'y'));
const BASE = { method: 'ednn', k: 1, hidden: [4], activation: 'gelu', learningRate: 0.02, epochs: 4, batch: 8 } as const;

function sizesOf(changes: readonly Partial<TrialConfiguration>[]): number[] {
  const tasks = changes.map((own, i) => taskOf({ ...BASE, ...own }, { trialId: `${i}`, seed: 1 }));
  return groupsOf(data, tasks, { report: () => assert.fail('no task fails') }).map(({ length }) => length);
}

test('networks that differ in decay, in the momentum of sgd, in the warm-up or in weights of targets train in one stack', () => {
  assert.deepEqual(sizesOf([{ weightDecay: 0.1 }, { weightDecay: 0.2 }, { warmUp: 0.4 }, { targetWeighting: -1 }]), [4]);
  assert.deepEqual(sizesOf([{ optimiser: 'sgd' }, { optimiser: 'sgd', momentum: 0 }, { optimiser: 'sgd', momentum: 0.5 }]), [3]);
});

test('networks of other optimisers or lengths train in stacks of their own', () => {
  assert.deepEqual(sizesOf([{ optimiser: 'adam' }, { optimiser: 'adamw' }, { optimiser: 'sgd' }]), [1, 1, 1]);
  assert.deepEqual(sizesOf([{ epochs: 4 }, { epochs: 8 }]), [1, 1]);
});
