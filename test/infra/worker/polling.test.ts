/** Times in which a worker stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shutdownTimes } from '../../../infra/worker/polling.ts';

test('most of a long grace is for training, and some of a short one for writing', () => {
  const seconds = (grace: number) => Object.values(shutdownTimes(grace)).map((ms) => Number(ms) / 1000);
  assert.deepEqual(seconds(15), [6, 15]);
  assert.deepEqual(seconds(60), [51, 60]);
  assert.deepEqual(seconds(5), [2, 5]);
});
