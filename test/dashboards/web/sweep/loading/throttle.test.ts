import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, throttle } from '../../../../../dashboards/web/sweep/loading/throttle.ts';

/** A clock that the test advances. */
function madeClock() {
  let time = 0;
  let timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => time,
    later: (run, milliseconds) => {
      const timer = { at: time + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    clock,
    async go(milliseconds: number) {
      time += milliseconds;
      const due = timers.filter(({ at }) => at <= time);
      timers = timers.filter(({ at }) => at > time);
      for (const { run } of due) run();
      await settle();
    },
  };
}

test('the first request runs at once, later ones together after the interval', async () => {
  const { clock, go } = madeClock();
  const begun: number[] = [];
  const { request: ask } = throttle(async () => void begun.push(clock.now()), 500, clock);
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

test('requests during slow work run once when it is done, never two at once', async () => {
  const { clock, go } = madeClock();
  const ends: (() => void)[] = [];
  const { request: ask } = throttle(() => new Promise<void>((resolve) => ends.push(resolve)), 500, clock);
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

test('failing work does not stop the throttle', async () => {
  const { clock, go } = madeClock();
  let begun = 0;
  const { request: ask, stop } = throttle(
    async () => {
      begun++;
      throw new Error('no');
    },
    500,
    clock,
  );
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
