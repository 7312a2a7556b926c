/** What the page of a sweep asks for once it knows which sweep that is. Small, so that it can be asked for before the page's own code is there. */
import type { SweepDetail } from '../../contract/sweeps.ts';
import { askColumns, askJson } from '../api/http.ts';

export const plannedPath = (sweepId: string): string => `/sweeps/${encodeURIComponent(sweepId)}/configurations`;
export const outcomesPath = (sweepId: string): string => `/sweeps/${encodeURIComponent(sweepId)}/outcomes`;
export const coveragePath = (sweepId: string): string => `/sweeps/${encodeURIComponent(sweepId)}/coverage`;

/** Test figures where there is a comparison: a sweep that was cancelled or failed ended without one. */
export function splitOf(asked: string | undefined, state: SweepDetail['state']): 'validation' | 'test' {
  if (asked === 'validation' || asked === 'test') return asked;
  return state === 'completed' || state === 'partial' ? 'test' : 'validation';
}

/** `split`: as the address has it. */
export function askSweep({ sweepId, state }: Pick<SweepDetail, 'sweepId' | 'state'>, split: string | undefined): void {
  askColumns(plannedPath(sweepId));
  askColumns(outcomesPath(sweepId));
  // Of a sweep that goes on nobody is told test figures.
  const isUnderWay = state === 'running' || state === 'paused';
  askJson(coveragePath(sweepId), { split: isUnderWay ? 'validation' : splitOf(split, state) });
}
