import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { COMPARING } from './activity-options.ts';
import { withOutageRetry } from './failures.ts';

const { interpretSweep } = proxyActivities<Activities>(COMPARING);

/**
 * Interprets a sweep that ended: one that was cancelled before its own closing, or by other code.
 */
export async function interpret(sweepId: string): Promise<void> {
  await withOutageRetry(() => interpretSweep(sweepId));
}
