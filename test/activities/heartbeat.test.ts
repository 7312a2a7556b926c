/** Heartbeats of activities, by the time-out that the workflow gave them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { withHeartbeats } from '../../activities/heartbeat.ts';

for (const [timeout, interval] of [
  [undefined, 400],
  [7000, 400],
  [11_000, 2000],
  [46_000, 16_000],
] as const)
  test(`an activity with the time-out ${timeout} sends a heartbeat every ${interval} ms until it ends`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const environment = new MockActivityEnvironment({ ...(timeout && { heartbeatTimeoutMs: timeout }) });
    let beats = 0;
    environment.on('heartbeat', () => {
      beats += 1;
    });
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const running = environment.run(() =>
      withHeartbeats({}, () => {
        begun.resolve();
        return end.promise;
      }),
    );
    await begun.promise;
    t.mock.timers.tick(interval - 1);
    assert.equal(beats, 0);
    t.mock.timers.tick(1);
    assert.equal(beats, 1);
    t.mock.timers.tick(2 * interval);
    assert.equal(beats, 3);
    end.resolve();
    await running;
    t.mock.timers.tick(2 * interval);
    assert.equal(beats, 3);
  });
