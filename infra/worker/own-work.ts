/** Keeps a worker to the rows of its own database, whatever its queues deliver. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { asFailure } from '../../activities/failures.ts';
import { withHeartbeats } from '../../activities/heartbeat.ts';
import type { Queryable } from '../../db/client.ts';
import { hasRetraining, hasSweep, readIdentity } from '../../db/queries/identity.ts';
import { NarrowsError } from '../../errors.ts';
import { identityOfQueue } from '../../workflows/identity.ts';
import { waitOutOutage } from './outage.ts';

/**
 * Refuses activities of other databases before they begin; their own workers take them later.
 * Activities wait here while the database is unreachable: each further attempt would cost events of
 * the workflow's history, and a pause that may outlast the outage.
 */
export const refuseForeignWork =
  (sql: Queryable): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      async execute(input, next) {
        await asFailure(
          withHeartbeats({}, ({ cancellationSignal }) =>
            waitOutOutage(() => requireOwnWork(sql, info.taskQueue, input.args[0]), cancellationSignal),
          ),
        );
        return next(input);
      },
    },
  });

/**
 * Throws NarrowsError `database-foreign` where a task does not belong to the database: its queue
 * has another identity, or none and the sweep or retraining in its input is not there.
 */
export async function requireOwnWork(sql: Queryable, queue: string, input: unknown): Promise<void> {
  const { identity } = identityOfQueue(queue);
  const own = await readIdentity(sql);
  if (identity === null ? await isKnown(sql, input) : identity === own) return;
  throw new NarrowsError('database-foreign', `a task on ${queue} belongs to another database than ${own}, this worker's`, {
    fix: "start a worker on the task's own database",
    kind: 'failure',
  });
}

/** Whether the subject of an activity's input, see activities/index.ts, is in the database. */
function isKnown(sql: Queryable, input: unknown): Promise<boolean> {
  const { sweepId, name } = (typeof input === 'string' ? { sweepId: input } : input) as { sweepId?: string; name?: string };
  return sweepId === undefined ? hasRetraining(sql, name ?? '') : hasSweep(sql, sweepId);
}
