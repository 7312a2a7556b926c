import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimiserSettings } from '../../../models/training/train-network.ts';

test('the momentum of sgd is its first beta, by default 0.9; Adam has its own', () => {
  const beta1Of = (changes: object) => optimiserSettings({ optimiser: 'sgd', weightDecay: 0.1, ...changes }).beta1;
  assert.deepEqual([{}, { momentum: 0 }, { momentum: 0.5 }].map(beta1Of), [0.9, 0, 0.5]);
  for (const optimiser of ['adam', 'adamw']) assert.equal(beta1Of({ optimiser, momentum: 0.5 }), 0.9);
});
