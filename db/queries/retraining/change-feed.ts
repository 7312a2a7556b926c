/** Notifications of changes of retrainings. */
import type { Queryable } from '../../client.ts';
import type { ChannelHandlers } from '../../listen.ts';

/** Channel of notifications `{"name"}`, sent on commit, once per name and transaction. */
const RETRAINING_CHANNEL = 'narrows_retraining';

export interface RetrainingChange {
  readonly name: string;
}

export async function notifyRetrainingChange(sql: Queryable, { name }: RetrainingChange): Promise<void> {
  await sql`select pg_notify(${RETRAINING_CHANNEL}, ${JSON.stringify({ name })})`;
}

/** Handler of the channel of retrainings, for subscribe. */
export const retrainingChannel = (onNews: (news: RetrainingChange) => void): ChannelHandlers => ({
  [RETRAINING_CHANNEL]: ({ name }: RetrainingChange) => onNews({ name }),
});
