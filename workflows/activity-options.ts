import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { TASK_QUEUES } from './task-queues.ts';

/**
 * Short failures pass by themselves; an outage of the database is waited out by the workflow,
 * without counting attempts.
 */
const RETRY = {
  initialInterval: '500ms', // most of what passes by itself has passed by then
  backoffCoefficient: 2,
  maximumInterval: '30s', // an outage's end is noticed within half a minute
  // a pack that failed four times is divided, until the trial at fault stands alone
  maximumAttempts: 4,
} as const;

/** trainPack and baselines: they compute, on any machine that polls the trainers' queue. */
export const COMPUTING: ActivityOptions = {
  taskQueue: TASK_QUEUES.trainer,
  // one very large trial may take hours; a dead worker is noticed by its heartbeat, not by this
  startToCloseTimeout: '24h',
  // heartbeats leave twice a second: 8 s is silence, even on a machine busy with writing rows
  heartbeatTimeout: '8s',
  // "paused" and "cancelled" mean that nothing computes any more
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
};

/** What reads and writes rows only. */
export const BOOKKEEPING: ActivityOptions = {
  taskQueue: TASK_QUEUES.orchestrator,
  // the largest is one decision over 100,000 scores: seconds, with margin for a busy database
  startToCloseTimeout: '2m',
  retry: RETRY,
};

/** The comparison at the end: thousands of resamples over every pair of method and width. */
export const COMPARING: ActivityOptions = {
  taskQueue: TASK_QUEUES.orchestrator,
  startToCloseTimeout: '30m', // seconds for a demo, minutes for 100,000 trials
  retry: RETRY,
};

/** Steps of a retraining: they read files, compute in threads, and write rows. */
export const STEPS: ActivityOptions = {
  taskQueue: TASK_QUEUES.orchestrator,
  // a large archive over a slow line; a dead worker is noticed by its heartbeat, not by this
  startToCloseTimeout: '6h',
  heartbeatTimeout: '8s', // heartbeats leave every two seconds
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
};

/** Messages: a receiver that is down over a long weekend still gets them. */
export const DELIVERING: ActivityOptions = {
  taskQueue: TASK_QUEUES.orchestrator,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '8s',
  scheduleToCloseTimeout: '4 days',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10m' },
};

/** Between two looks at a database that could not be reached. */
export const OUTAGE_PAUSE = '10s';

/**
 * Packs scheduled at a time. The server allows 2,000 pending activities and is no faster beyond
 * about 200; 200 packs keep a hundred trainers of two packs each at work.
 */
export const WINDOW = 200;
