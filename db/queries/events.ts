/** What listeners are told of sweeps. */
import type { Queryable, Sql } from '../client.ts';
import type { SweepState } from './sweeps.ts';

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

/**
 * Calls `onNews` for everything that is announced, over a connection of its own that is made again whenever it breaks; `onConnected` each time that it stands:
 * what was announced before is lost.
 */
export async function listenToSweeps(sql: Sql, onNews: (news: SweepNews) => void, onConnected: () => void): Promise<void> {
  await sql.listen(
    'narrows_sweep',
    (payload) => {
      const news = newsOf(payload);
      if (news) onNews(news);
    },
    onConnected,
  );
}

function newsOf(payload: string): SweepNews | null {
  try {
    const { sweepId, revision, state } = JSON.parse(payload) as SweepNews;
    return { sweepId, revision, state };
  } catch {
    return null; // of a narrows that announces in other words
  }
}
