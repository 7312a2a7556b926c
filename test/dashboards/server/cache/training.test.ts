import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunningCounts } from '../../../../dashboards/server/cache/running-counts.ts';

test('the first request waits for a count; later ones get the known count while one query is pending', async (t) => {
  let asked = 0;
  let answer = Promise.withResolvers<number>();
  const running = createRunningCounts(() => {
    asked += 1;
    return answer.promise;
  });
  const [first, second] = [running('a'), running('a')];
  answer.resolve(7);
  assert.deepEqual([await first, await second, asked], [7, 7, 1]);
  assert.deepEqual([await running('a'), asked], [7, 1], 'a moment later nothing is asked');

  let now = performance.now();
  t.mock.method(performance, 'now', () => now);
  answer = Promise.withResolvers();
  now += 2000;
  assert.deepEqual([await running('a'), await running('a'), asked], [7, 7, 2], 'old, but not waited for');
  now += 60_000;
  assert.deepEqual([await running('a'), asked], [7, 2], 'very old, and Temporal does not answer: the last that is known');
  answer.resolve(3);
  await answer.promise;
  assert.equal(await running('a'), 3);
});

test('without a response from Temporal the count is 0 after the timeout', async () => {
  const running = createRunningCounts(() => new Promise(() => {}));
  const alive = setTimeout(() => {}, 5000);
  assert.equal(await running('a'), 0);
  clearTimeout(alive);
});
