/** How activities are run and retried: every number with its reason. */
import type { ActivityOptions, RetryPolicy } from '@temporalio/workflow';
import { SHORTEST_TIMEOUT_MS } from '../search/heartbeats.ts';

/** Retry policies; an outage of the database is waited out without counting attempts. */
const RETRY_POLICIES = {
  /** Failures that pass by themselves, or not at all. */
  transient: {
    initialInterval: '500ms', // most of what passes by itself has passed by then
    backoffCoefficient: 2,
    maximumInterval: '30s', // an outage's end is noticed within half a minute
    maximumAttempts: 4, // a pack that failed four times without progress is divided, until the faulty trial is alone
  },
  /** Packs whose workers died: workflows/train-pack.ts judges each attempt. */
  suspect: { maximumAttempts: 1 },
  /** Receivers that may be down for days: no limit but that of the whole delivery. */
  delivery: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10m' },
} as const satisfies Readonly<Record<string, RetryPolicy>>;

/** Heartbeats of orchestrators leave at least every two seconds: 8 s is silence. */
const HEARTBEAT_TIMEOUT = '8s';

const COMPUTE = {
  // one very large trial may take hours; heartbeats detect a dead worker
  startToCloseTimeout: '24h',
  heartbeatTimeout: SHORTEST_TIMEOUT_MS, // on-trainers.ts has a longer one while there are many trainers
  // "paused" and "cancelled" mean that nothing computes any more
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
} as const satisfies ActivityOptions;

/** Options by the kind of work; all but packs and baselines run on the queue of their workflow. */
export const ACTIVITY_OPTIONS = {
  /** trainPack and baselines: they compute, on any machine that polls the trainers' queue. */
  compute: { ...COMPUTE, retry: RETRY_POLICIES.transient },
  /** trainPack of a pack whose workers died, as it is trained alone. */
  suspect: { ...COMPUTE, retry: RETRY_POLICIES.suspect },
  /** Reads and writes of rows only. */
  bookkeep: {
    // the largest is one decision over 100,000 scores: seconds, with margin
    startToCloseTimeout: '2m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: RETRY_POLICIES.transient,
  },
  /** The comparison at the end: thousands of resamples over every pair of method and width. */
  compare: {
    startToCloseTimeout: '30m', // seconds for a demo, minutes for 100,000 trials
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: RETRY_POLICIES.transient,
  },
  /** Steps of a retraining: they read files, compute in threads, and write rows. */
  retrain: {
    startToCloseTimeout: '6h', // a large archive over a slow line; heartbeats detect a dead worker
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: RETRY_POLICIES.transient,
  },
  /** Notifications. */
  deliver: {
    startToCloseTimeout: '5m',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    scheduleToCloseTimeout: '4 days', // a receiver that is down over a long weekend still gets them
    retry: RETRY_POLICIES.delivery,
  },
} as const satisfies Readonly<Record<string, ActivityOptions>>;

/** A number and its unit. */
export type Pause = `${number} ${'s' | 'min'}` | `${number}s`;

/** Time between two attempts while no worker on the queue reaches the database of the work. */
export const OUTAGE_PAUSE: Pause = '10s';

/**
 * Pauses before an activity other than a pack, whose workers died four times, is begun again. Their
 * deaths are seldom its fault; after all of them, 24 deaths within half an hour, they are, e.g. by
 * the memory that it needs.
 */
export const LOST_PAUSES: readonly Pause[] = ['1 s', '10 s', '1 min', '5 min', '10 min'];

/** Packs scheduled at a time by sweeps that began before search/pack-window.ts. */
export const FIXED_WINDOW = 200;
