import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheTraining } from '../../../../dashboards/server/cache/training.ts';
import { NOTHING_IN_TRAINING, type Training } from '../../../../operations/sweeps/status.ts';

const trials = (running: number): Training => ({ running, isRetrying: false });

test('the first request waits for an answer; later ones get the known one while one query is pending', async (t) => {
  let asked = 0;
  let answer = Promise.withResolvers<Training>();
  const training = cacheTraining(() => {
    asked += 1;
    return answer.promise;
  });
  const [first, second] = [training('a'), training('a')];
  answer.resolve(trials(7));
  assert.deepEqual([await first, await second, asked], [trials(7), trials(7), 1]);
  assert.deepEqual([await training('a'), asked], [trials(7), 1], 'a moment later nothing is asked');

  let now = performance.now();
  t.mock.method(performance, 'now', () => now);
  answer = Promise.withResolvers();
  now += 2000;
  assert.deepEqual([await training('a'), await training('a'), asked], [trials(7), trials(7), 2], 'old, but not waited for');
  now += 60_000;
  assert.deepEqual(
    [await training('a'), asked],
    [trials(7), 2],
    'very old, and Temporal does not answer: the last that is known',
  );
  answer.resolve(trials(3));
  await answer.promise;
  assert.deepEqual(await training('a'), trials(3));
});

test('without a response from Temporal nothing is in training after the timeout', async () => {
  const training = cacheTraining(() => new Promise(() => {}));
  const alive = setTimeout(() => {}, 5000);
  assert.deepEqual(await training('a'), NOTHING_IN_TRAINING);
  clearTimeout(alive);
});
