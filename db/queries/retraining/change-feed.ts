/** That something was written about a retraining: for whoever shows it. */
import type { Queryable, Sql } from '../../client.ts';
import { listenTo } from '../../listen.ts';

/** Listeners hear `{"name"}` on this channel, once what it tells of is stored; the same name once per transaction. */
const RETRAINING_CHANNEL = 'narrows_retraining';

export interface RetrainingNews {
  readonly name: string;
}

export async function announceRetraining(sql: Queryable, { name }: RetrainingNews): Promise<void> {
  await sql`select pg_notify(${RETRAINING_CHANNEL}, ${JSON.stringify({ name })})`;
}

/** See listenTo. */
export const listenToRetrainings = (sql: Sql, onNews: (news: RetrainingNews) => void): Promise<void> =>
  listenTo<RetrainingNews>(sql, RETRAINING_CHANNEL, ({ name }) => ({ name }), onNews);
