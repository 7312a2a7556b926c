/** That something was written about a retraining: for whoever shows it. */
import type { Queryable, Sql } from '../client.ts';

/** Listeners hear `{"name"}` on this channel, once what it tells of is stored; the same name once per transaction. */
const RETRAINING_CHANNEL = 'narrows_retraining';

export interface RetrainingNews {
  readonly name: string;
}

export async function announceRetraining(sql: Queryable, { name }: RetrainingNews): Promise<void> {
  await sql`select pg_notify(${RETRAINING_CHANNEL}, ${JSON.stringify({ name })})`;
}

/** Calls `onNews` for everything that is announced, over the connection that the driver keeps for listening and makes anew whenever it breaks. */
export async function listenToRetrainings(sql: Sql, onNews: (news: RetrainingNews) => void): Promise<void> {
  await sql.listen(RETRAINING_CHANNEL, (payload) => {
    const news = newsOf(payload);
    if (news) onNews(news);
  });
}

function newsOf(payload: string): RetrainingNews | null {
  try {
    const { name } = JSON.parse(payload) as RetrainingNews;
    return { name };
  } catch {
    return null; // of a narrows that announces in other words
  }
}
