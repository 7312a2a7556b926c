import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { toFailure, workerStopped } from '../../../activities/failures.ts';
import { NarrowsError } from '../../../errors.ts';
import { measureActivities } from '../../../infra/metrics/activities.ts';
import { createMetrics } from '../../../infra/metrics/metrics.ts';

const INPUT = { args: [], headers: {} };

/** Runs attempts that were scheduled so long ago, one that throws for each error; null: none. */
async function measured(errors: readonly unknown[], scheduledMs = 0): Promise<string> {
  const metrics = createMetrics('worker', { role: 'trainer', version: '1' });
  const intercept = measureActivities(metrics);
  for (const error of errors) {
    const info = { activityType: 'trainPack', currentAttemptScheduledTimestampMs: Date.now() - scheduledMs };
    const { inbound } = intercept({ info } as Context);
    const attempt = inbound?.execute?.(INPUT, async () => {
      assert.match(await metrics.expose(), /^narrows_activities_running\{type="trainPack"\} 1$/m);
      if (error !== null) throw error;
      return 7;
    });
    if (error === null) assert.equal(await attempt, 7);
    else await assert.rejects(attempt as Promise<unknown>, (thrown) => thrown === error);
  }
  return metrics.expose();
}

const countOf = (text: string, outcome: string) =>
  Number(
    new RegExp(`^narrows_activity_seconds_count\\{type="trainPack",outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0,
  );

test('attempts are counted by how they end, failures by their code', async () => {
  const text = await measured([
    null,
    null,
    new CancelledFailure('cancelled'),
    workerStopped(),
    toFailure(new NarrowsError('engine-lost', 'the engine broke down')),
    ApplicationFailure.create({ type: 'of an older version', message: 'x' }),
    new Error('a defect'),
  ]);
  const outcomes = ['completed', 'cancelled', 'stopped', 'failed'];
  assert.deepEqual(
    outcomes.map((outcome) => countOf(text, outcome)),
    [2, 1, 1, 3],
  );
  const failures = Array.from(
    text.matchAll(/^narrows_activity_failures_total\{type="trainPack",code="(\w+)"\} (\d+)$/gm),
    ([, ...cells]) => cells,
  );
  assert.deepEqual(failures.sort(), [
    ['EngineLost', '1'],
    ['Unexpected', '2'],
  ]);
  assert.match(text, /^narrows_activities_running\{type="trainPack"\} 0$/m);
});

test('the time in the queue is that of the attempt, and never negative', async () => {
  const bucket = (text: string, le: string) =>
    Number(
      new RegExp(`^narrows_activity_wait_seconds_bucket\\{.*le="${le.replace('+', '\\+')}".*\\} (\\d+)$`, 'm').exec(text)?.[1],
    );
  const waited = await measured([null], 60_000);
  assert.deepEqual([bucket(waited, '30'), bucket(waited, '100')], [0, 1]);
  const ahead = await measured([null], -60_000);
  assert.deepEqual([bucket(ahead, '0.01'), bucket(ahead, '+Inf')], [1, 1]);
  assert.match(ahead, /^narrows_activity_wait_seconds_sum\{type="trainPack"\} 0$/m);
});
