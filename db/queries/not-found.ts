/** Errors for ids and names that no row has. */
import { notFound } from '../../errors.ts';

export const sweepUnknown = (idOrName: string) =>
  notFound('sweep-unknown', `there is no sweep "${idOrName}"`, 'sweep', 'see "narrows sweep ls"');

export const trialUnknown = (trialId: string, where = 'there is') =>
  notFound('trial-unknown', `${where} no trial "${trialId}"`, 'trial', 'see "narrows results SWEEP" for the trials of a sweep');
