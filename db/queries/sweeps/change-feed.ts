/** Notifications of changes of sweeps. */
import type { SweepState } from '../../../search/states.ts';
import type { Queryable } from '../../client.ts';
import type { ChannelHandlers } from '../../listen.ts';
import { SWEEP_CHANNEL } from './revision.ts';

export interface SweepChange {
  readonly sweepId: string;
  readonly revision: number;
  readonly state: SweepState;
}

/** Lists the revisions of sweeps that are running, paused, or ended within the last day. */
export const listRecentRevisions = (sql: Queryable) =>
  sql<SweepChange[]>`
    select id as "sweepId", revision::float8 as revision, state from sweeps
    where removed_at is null and (finished_at is null or finished_at > now() - interval '1 day') order by started_at desc, id`;

/** Handler of the channel of sweeps, for subscribe. */
export const sweepChannel = (onNews: (news: SweepChange) => void): ChannelHandlers => ({
  [SWEEP_CHANNEL]: ({ sweepId, revision, state }: SweepChange) => onNews({ sweepId, revision, state }),
});
