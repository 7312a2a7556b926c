import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFinished, isFinished, OUTCOMES, SWEEP_STATES, sumCounts } from '../../search/states.ts';

test('running and paused sweeps, and trials between rungs, have not ended', () => {
  assert.deepEqual(
    [...SWEEP_STATES, ...OUTCOMES].filter((state) => !isFinished(state)),
    ['running', 'paused', 'rung'],
  );
});

test('counts are summed by outcome, and over outcomes', () => {
  const total = sumCounts([
    { completed: 1, pruned: 2, diverged: 0, failed: 0 },
    { completed: 3, pruned: 0, diverged: 1, failed: 4 },
  ]);
  assert.deepEqual(total, { completed: 4, pruned: 2, diverged: 1, failed: 4 });
  assert.equal(countFinished(total), 11);
});
