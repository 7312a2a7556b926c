import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { identityOfQueue } from './identity.ts';
import { taskQueues } from './task-queues.ts';

/** Returns activities that run on the trainers of the database whose queue this workflow is on. */
export function onTrainers(kind: 'compute' | 'suspect'): ReturnType<typeof proxyActivities<Activities>> {
  const { trainer } = taskQueues(identityOfQueue(workflowInfo().taskQueue));
  return proxyActivities<Activities>({ ...ACTIVITY_OPTIONS[kind], taskQueue: trainer });
}
