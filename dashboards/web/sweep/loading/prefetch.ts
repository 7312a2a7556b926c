/** Requests of a sweep's page: a small module, since they are sent before the page's own code. */
import { isFinished } from '../../../../search/states.ts';
import type { SweepDetail } from '../../../contract/sweeps.ts';
import { prefetchJson } from '../../api/http.ts';
import { sweepPath } from '../../parts/paths.ts';
import { prefetchColumns } from './reader.ts';

export const plannedPath = (sweepId: string): string => `${sweepPath(sweepId)}/configurations`;
export const outcomesPath = (sweepId: string): string => `${sweepPath(sweepId)}/outcomes`;
export const coveragePath = (sweepId: string): string => `${sweepPath(sweepId)}/coverage`;

/** An id always means the same sweep; a name means the newest sweep of that name. */
export const SWEEP_ID = /^s[a-z2-7]{10}$/;

/** Test scores need a comparison: a sweep that was cancelled or failed ended without one. */
export function chooseSplit(asked: string | undefined, state: SweepDetail['state']): 'validation' | 'test' {
  if (asked === 'validation' || asked === 'test') return asked;
  return state === 'completed' || state === 'partial' ? 'test' : 'validation';
}

/** By an id, the trials are requested at once. `split`: as in the address. */
export function prefetchSweepAt(reference: string, split: string | undefined): void {
  prefetchJson<SweepDetail>(sweepPath(reference), {}, (sweep) => prefetchSweep(sweep, split));
  if (SWEEP_ID.test(reference)) prefetchTrials(reference);
}

/** Prefetches the trials and the coverage of a known sweep. */
export function prefetchSweep({ sweepId, state }: Pick<SweepDetail, 'sweepId' | 'state'>, split: string | undefined): void {
  prefetchTrials(sweepId);
  // The server answers no test scores while a sweep runs.
  prefetchJson(coveragePath(sweepId), { split: isFinished(state) ? chooseSplit(split, state) : 'validation' });
}

function prefetchTrials(sweepId: string): void {
  prefetchColumns(plannedPath(sweepId));
  prefetchColumns(outcomesPath(sweepId));
}
