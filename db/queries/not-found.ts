/** Errors for ids and names that no row has. */
import { NarrowsError } from '../../errors.ts';

export const sweepUnknownError = (idOrName: string): NarrowsError =>
  new NarrowsError('sweep-unknown', `there is no sweep "${idOrName}"`, {
    path: 'sweep',
    fix: 'see "narrows sweep ls"',
    kind: 'not-found',
  });

export const trialUnknownError = (trialId: string): NarrowsError =>
  new NarrowsError('trial-unknown', `there is no trial "${trialId}"`, {
    path: 'trial',
    fix: 'see "narrows results SWEEP" for the trials of a sweep',
    kind: 'not-found',
  });
