import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { withOutageRetry } from './failures.ts';

const { interpretSweep } = proxyActivities<Activities>(ACTIVITY_OPTIONS.compare);

/** Interprets a sweep that was cancelled before its own closing, or closed by older code. */
export async function interpret(sweepId: string): Promise<void> {
  await withOutageRetry(() => interpretSweep(sweepId));
}
