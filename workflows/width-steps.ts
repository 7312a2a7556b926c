/** Steps of a sweep that searches for widths. */
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { ACTIVITY_OPTIONS } from './activity-options.ts';
import { withOutageRetry } from './failures.ts';
import type { PackRoute, SweepCursor } from './sweep-input.ts';

const { chooseWidths } = proxyActivities<Activities>(ACTIVITY_OPTIONS.bookkeep);

/**
 * Chooses the cells that are trained next, and returns their names with the number of their trials
 * by route. A retry of failed trials alone leaves the rest of a cancelled sweep out.
 */
export function chooseStep(sweepId: string, routes: readonly PackRoute[], stage: SweepCursor['stage']) {
  const groups = routes.map(({ methods = null }) => methods);
  return withOutageRetry(() => chooseWidths({ sweepId, groups, goesOn: stage === 'train' }));
}
