import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { throttle } from '../../../../../dashboards/web/sweep/loading/throttle.ts';

/** Timers that the test advances. */
function mockTimers({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let time = 0;
  return {
    now: () => time,
    async go(milliseconds: number) {
      time += milliseconds;
      mock.timers.tick(milliseconds);
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

test('the first request runs at once, later ones together after the interval', async (context) => {
  const { now, go } = mockTimers(context);
  const begun: number[] = [];
  const { request: ask } = throttle(async () => void begun.push(now()), 500);
  ask();
  for (let i = 0; i < 10; i++) {
    await go(10);
    ask();
  }
  assert.deepEqual(begun, [0]);
  await go(399);
  assert.deepEqual(begun, [0]);
  await go(1);
  assert.deepEqual(begun, [0, 500]);
  await go(5000);
  assert.deepEqual(begun, [0, 500], 'nobody asked again');
  ask();
  assert.deepEqual(begun, [0, 500, 5500]);
});

test('requests during slow work run once when it is done, never two at once', async (context) => {
  const { go } = mockTimers(context);
  const ends: (() => void)[] = [];
  const { request: ask } = throttle(() => new Promise<void>((resolve) => ends.push(resolve)), 500);
  ask();
  await go(2000);
  ask();
  ask();
  assert.equal(ends.length, 1);
  ends[0]?.();
  await go(0);
  assert.equal(ends.length, 2);
  ends[1]?.();
  await go(5000);
  assert.equal(ends.length, 2);
});

test('failing work does not stop the throttle', async (context) => {
  const { go } = mockTimers(context);
  let begun = 0;
  const { request: ask, stop } = throttle(async () => {
    begun++;
    throw new Error('no');
  }, 500);
  ask();
  await go(0);
  ask();
  await go(500);
  assert.equal(begun, 2);
  ask();
  stop();
  await go(1000);
  ask();
  assert.equal(begun, 2);
});
