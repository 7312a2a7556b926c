/** What listeners are told of sweeps. */

import type { SweepState } from '../../../search/states.ts';
import type { Queryable, Sql } from '../../client.ts';
import { listenTo } from '../../listen.ts';
import { SWEEP_CHANNEL } from './revision.ts';

export interface SweepNews {
  readonly sweepId: string;
  readonly revision: number;
  readonly state: SweepState;
}

/** Of the sweeps that run, are paused, or ended within the last day. */
export async function currentRevisions(sql: Queryable): Promise<SweepNews[]> {
  return sql<SweepNews[]>`
    select id as "sweepId", revision::float8 as revision, state from sweeps
    where finished_at is null or finished_at > now() - interval '1 day' order by started_at desc, id`;
}

/** See listenTo. */
export const listenToSweeps = (sql: Sql, onNews: (news: SweepNews) => void, onConnected: () => void): Promise<void> =>
  listenTo<SweepNews>(sql, SWEEP_CHANNEL, ({ sweepId, revision, state }) => ({ sweepId, revision, state }), onNews, onConnected);
