/** What listeners are told of sweeps. */

import type { SweepState } from '../../../search/states.ts';
import type { Queryable, Sql } from '../../client.ts';
import { subscribe } from '../../listen.ts';
import { SWEEP_CHANNEL } from './revision.ts';

export interface SweepChange {
  readonly sweepId: string;
  readonly revision: number;
  readonly state: SweepState;
}

/** Of the sweeps that run, are paused, or ended within the last day. */
export async function listRecentRevisions(sql: Queryable): Promise<SweepChange[]> {
  return sql<SweepChange[]>`
    select id as "sweepId", revision::float8 as revision, state from sweeps
    where finished_at is null or finished_at > now() - interval '1 day' order by started_at desc, id`;
}

/** See listenTo. */
export const subscribeToSweeps = (sql: Sql, onNews: (news: SweepChange) => void, onConnected: () => void): Promise<void> =>
  subscribe<SweepChange>(
    sql,
    SWEEP_CHANNEL,
    ({ sweepId, revision, state }) => ({ sweepId, revision, state }),
    onNews,
    onConnected,
  );
