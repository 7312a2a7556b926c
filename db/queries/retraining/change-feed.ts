/** That something was written about a retraining: for whoever shows it. */
import type { Queryable, Sql } from '../../client.ts';
import { subscribe } from '../../listen.ts';

/** Listeners hear `{"name"}` on this channel, once what it tells of is stored; the same name once per transaction. */
const RETRAINING_CHANNEL = 'narrows_retraining';

export interface RetrainingChange {
  readonly name: string;
}

export async function notifyRetrainingChange(sql: Queryable, { name }: RetrainingChange): Promise<void> {
  await sql`select pg_notify(${RETRAINING_CHANNEL}, ${JSON.stringify({ name })})`;
}

/** See listenTo. */
export const subscribeToRetrainings = (sql: Sql, onNews: (news: RetrainingChange) => void): Promise<void> =>
  subscribe<RetrainingChange>(sql, RETRAINING_CHANNEL, ({ name }) => ({ name }), onNews);
