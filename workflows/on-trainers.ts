import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { identityOfQueue } from './identity.ts';
import { type PackTrainers, trainerQueue } from './task-queues.ts';

/** Returns activities on these trainers, of the database whose queue this workflow is on. */
export function onTrainers(trainers: PackTrainers, kind: 'compute' | 'suspect'): ReturnType<typeof proxyActivities<Activities>> {
  const taskQueue = trainerQueue(identityOfQueue(workflowInfo().taskQueue), trainers);
  const heartbeatTimeout = trainers.heartbeatTimeoutMs ?? ACTIVITY_OPTIONS[kind].heartbeatTimeout;
  return proxyActivities<Activities>({ ...ACTIVITY_OPTIONS[kind], heartbeatTimeout, taskQueue });
}
