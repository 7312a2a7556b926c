/** What the page of a sweep asks for once it knows which sweep that is. Small, so that it can be asked for before the page's own code is there. */
import { isFinished } from '../../../../search/states.ts';
import type { SweepDetail } from '../../../contract/sweeps.ts';
import { prefetchJson } from '../../api/http.ts';
import { prefetchColumns } from './reader.ts';

export const sweepPath = (reference: string): string => `/sweeps/${encodeURIComponent(reference)}`;
export const plannedPath = (sweepId: string): string => `${sweepPath(sweepId)}/configurations`;
export const outcomesPath = (sweepId: string): string => `${sweepPath(sweepId)}/outcomes`;
export const coveragePath = (sweepId: string): string => `${sweepPath(sweepId)}/coverage`;

/** How ids of sweeps look. An id means one sweep for good, a name whichever is the newest of that name. */
export const SWEEP_ID = /^s[a-z2-7]{10}$/;

/** Test figures where there is a comparison: a sweep that was cancelled or failed ended without one. */
export function chooseSplit(asked: string | undefined, state: SweepDetail['state']): 'validation' | 'test' {
  if (asked === 'validation' || asked === 'test') return asked;
  return state === 'completed' || state === 'partial' ? 'test' : 'validation';
}

/** At the address of a sweep: its trials need not wait until it is known which sweep that is where an id says so. `split`: as the address has it. */
export function prefetchSweepAt(reference: string, split: string | undefined): void {
  prefetchJson<SweepDetail>(sweepPath(reference), {}, (sweep) => prefetchSweep(sweep, split));
  if (SWEEP_ID.test(reference)) prefetchTrials(reference);
}

/** Once it is known. */
export function prefetchSweep({ sweepId, state }: Pick<SweepDetail, 'sweepId' | 'state'>, split: string | undefined): void {
  prefetchTrials(sweepId);
  // Of a sweep that goes on nobody is told test figures.
  prefetchJson(coveragePath(sweepId), { split: isFinished(state) ? chooseSplit(split, state) : 'validation' });
}

function prefetchTrials(sweepId: string): void {
  prefetchColumns(plannedPath(sweepId));
  prefetchColumns(outcomesPath(sweepId));
}
