/** Measures the activities of a worker. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { type AttemptEnd, endOfAttempt } from '../../activities/failures.ts';
import type { Metrics } from './metrics.ts';

/** Measures each attempt: how long it waited in the queue, how long it took, how it ended. */
export const measureActivities =
  (metrics: Pick<Metrics, 'add' | 'observe'>): ActivityInterceptorsFactory =>
  ({ info: { activityType: type, currentAttemptScheduledTimestampMs: scheduledMs } }) => ({
    inbound: {
      async execute(input, next) {
        // The clock of the server may be ahead of this machine's.
        metrics.observe('narrows_activity_wait_seconds', { type }, Math.max(0, Date.now() - scheduledMs) / 1000);
        metrics.add('narrows_activities_running', { type }, 1);
        const from = performance.now();
        let end: AttemptEnd = { outcome: 'completed' };
        try {
          return await next(input);
        } catch (error) {
          end = endOfAttempt(error);
          throw error;
        } finally {
          metrics.add('narrows_activities_running', { type }, -1);
          metrics.observe('narrows_activity_seconds', { type, outcome: end.outcome }, (performance.now() - from) / 1000);
          if (end.outcome === 'failed') metrics.add('narrows_activity_failures_total', { type, code: end.code }, 1);
        }
      },
    },
  });
