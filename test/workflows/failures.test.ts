/** Activities whose workers stop, die or lose their database, on a real Temporal server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../activities/index.ts';
import { LOST_PAUSES } from '../../workflows/activity-options.ts';
import { pauseAfter } from '../../workflows/failures.ts';
import { specOf } from '../search/specs.ts';
import { startHarness, type WorkflowHarness } from './harness.ts';

let harness: WorkflowHarness;
before(async () => {
  harness = await startHarness();
});
after(() => harness[Symbol.asyncDispose]());

test('outages and stopped workers are waited out without limit, lost workers within a bound', () => {
  for (const before of [0, 100]) {
    assert.equal(pauseAfter('WorkerStopped', before, LOST_PAUSES), 'now');
    assert.equal(pauseAfter('DatabaseUnreachable', before, LOST_PAUSES), '10s');
    assert.equal(pauseAfter('DatabaseCorrupt', before, LOST_PAUSES), 'never');
    assert.equal(pauseAfter('EngineLost', before, LOST_PAUSES), 'never');
  }
  assert.deepEqual(
    Array.from({ length: 6 }, (_, before) => pauseAfter('WorkerLost', before, LOST_PAUSES)),
    ['1 s', '10 s', '1 min', '5 min', '10 min', 'never'],
  );
  assert.equal(pauseAfter('WorkerLost', 0, []), 'never', 'a pack is judged by its progress');
});

test('a sweep survives lost workers in every step that is not a pack', async () => {
  const names = ['promoteRung', 'baselines', 'keepBestModels', 'compareSweep', 'interpretSweep', 'closeSweep'] as const;
  const calls: string[] = [];
  /** Fails as after the last attempt of four whose workers died, then works. */
  const lostOnce = (own: Activities, name: (typeof names)[number]) => async (input: never) => {
    calls.push(name);
    if (calls.filter((call) => call === name).length > 1) return own[name](input);
    throw ApplicationFailure.create({ type: 'WorkerLost', message: 'heartbeat timeout', nonRetryable: true });
  };
  const halving = specOf({
    ...{ methods: ['ednn'], space: { k: 1, learningRate: { log: [0.001, 0.1] } }, seeds: 1 },
    ...{ sampler: { random: { trials: 4 } }, halving: { reduction: 2, rungs: 2 }, training: { epochs: 8 } },
  });
  await using run = await harness.start(halving, {
    packSizes: [4, 4],
    activities: (own) => Object.fromEntries(names.map((name) => [name, lostOnce(own, name)])),
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(calls.toSorted(), names.flatMap((name) => [name, name]).toSorted());
});
