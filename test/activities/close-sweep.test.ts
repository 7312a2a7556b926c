import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeSweep } from '../../activities/close-sweep.ts';
import type { EndingCounts } from '../../search/states.ts';
import { specOf } from '../search/specs.ts';
import { memoryStore } from './memory-store.ts';

const NONE: EndingCounts = { completed: 0, pruned: 0, diverged: 0, failed: 0 };

const cases: readonly [Partial<EndingCounts>, string][] = [
  [{ completed: 8 }, 'completed'],
  [{ completed: 6, diverged: 2 }, 'completed'],
  [{ completed: 6, failed: 2 }, 'partial: 2 of 8 trials failed: it broke'],
  [{ failed: 8 }, 'failed: 8 of 8 trials failed: it broke'],
  [{ diverged: 8 }, 'completed: 8 of 8 trials diverged: it broke'],
  [{ completed: 5 }, 'cancelled'],
  [{ completed: 5, failed: 2 }, 'cancelled: 2 of 7 trials failed: it broke'],
];
for (const [counts, expected] of cases) {
  test(`a sweep with ${JSON.stringify(counts)} closes as "${expected}"`, async () => {
    const store = memoryStore('s1', specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 8 }));
    await closeSweep({ ...store, counts: async () => ({ ...NONE, ...counts }) }, 's1');
    assert.deepEqual(store.states, [expected]);
  });
}

test('trials that are left out are not missed', async () => {
  const store = memoryStore('s1', specOf({ methods: ['ednn'], space: { k: [1, 2] }, seeds: 8 }));
  store.cellLimits = { 'ednn/2': 0 };
  await closeSweep({ ...store, counts: async () => ({ ...NONE, completed: 8 }) }, 's1');
  assert.deepEqual(store.states, ['completed']);
});
