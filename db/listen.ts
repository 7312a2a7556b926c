/** What is announced within the database, for whoever shows it. */
import type { Sql } from './client.ts';

/**
 * Calls `onNews` for everything that is announced on a channel as JSON, over the connection that the driver keeps for listening and makes anew whenever it breaks; `onConnected` each time
 * that it stands: what was announced before is lost. `read`: what of the JSON is news.
 */
export async function subscribe<News>(
  sql: Sql,
  channel: string,
  read: (announced: News) => News,
  onNews: (news: News) => void,
  onConnected?: () => void,
): Promise<void> {
  await sql.listen(
    channel,
    (payload) => {
      const news = parsed(payload, read);
      if (news) onNews(news);
    },
    onConnected,
  );
}

function parsed<News>(payload: string, read: (announced: News) => News): News | null {
  try {
    return read(JSON.parse(payload) as News);
  } catch {
    return null; // of a narrows that announces in other words
  }
}
