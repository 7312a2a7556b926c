/** Events of retrainings, and the delivery of their messages. */
import type { Queryable } from '../../client.ts';
import type { Channel, EventKind } from '../../enums.ts';
import type { events, messages } from '../../schema.ts';
import { notifyRetrainingChange } from './change-feed.ts';

export type EventRow = Readonly<typeof events.$inferSelect>;
export type MessageRow = Readonly<typeof messages.$inferSelect>;

/** Fields of the messages of every event: see operations/retraining/webhook-body.ts. */
export type CommonField = 'id' | 'at' | 'kind' | 'retraining' | 'run' | 'subject' | 'text' | 'link';

/** Further fields of the messages of an event, which replace no common one. */
export type EventPayload = EventRow['payload'] & { readonly [Name in CommonField]?: never };

/** Records an event; one per run, kind and subject. Call it in the transaction of what happened. */
export async function recordEvent(
  sql: Queryable,
  event: Omit<EventRow, 'id' | 'at' | 'payload'> & { readonly payload: EventPayload },
): Promise<void> {
  const { kind, name, runId, subject, text, payload } = event;
  await sql`
    insert into events (kind, name, run_id, subject, text, payload)
    values (${kind}, ${name}, ${runId}, ${subject}, ${text}, ${sql.json(payload as never)})
    on conflict (run_id, kind, subject) do nothing`;
  await notifyRetrainingChange(sql, { name });
}

export const eventColumns = (sql: Queryable) => sql`id, at, kind, name, run_id as "runId", subject, text, payload`;

/** Lists the events of a run, oldest first. */
export const listEventsOfRun = (sql: Queryable, runId: string) =>
  sql<EventRow[]>`select ${eventColumns(sql)} from events where run_id = ${runId} order by at, id`;

/** Lists the events of a retraining, newest first. */
export const listEvents = (sql: Queryable, name: string, limit: number) =>
  sql<EventRow[]>`select ${eventColumns(sql)} from events where name = ${name} order by at desc, id limit ${limit}`;

/** Finds the newest event of these kinds and this subject (null: any); null without one. */
export async function findLastEvent(
  sql: Queryable,
  name: string,
  kinds: readonly EventKind[],
  subject: string | null,
): Promise<EventRow | null> {
  const [row] = await sql<EventRow[]>`
    select ${eventColumns(sql)} from events where name = ${name} and kind = any(${[...kinds]}::text[])
      and (${subject}::text is null or subject = ${subject})
    order by at desc limit 1`;
  return row ?? null;
}

/** Creates missing messages for these channels. Returns those channels that are still pending. */
export async function ensurePendingMessages(sql: Queryable, eventId: string, channels: readonly Channel[]): Promise<Channel[]> {
  await sql`
    insert into messages (event_id, channel) select ${eventId}, unnest(${[...channels]}::text[]) on conflict do nothing`;
  const rows = await sql<{ channel: Channel }[]>`
    select channel from messages
    where event_id = ${eventId} and state = 'pending' and channel = any(${[...channels]}::text[]) order by channel`;
  return rows.map(({ channel }) => channel);
}

/** Records an attempt to deliver; null as the error means success. */
export async function recordAttempt(sql: Queryable, eventId: string, channel: Channel, error: string | null): Promise<void> {
  const [row] = await sql<{ name: string }[]>`
    update messages set attempts = attempts + 1, last_error = ${error},
      state = case when ${error === null} then 'delivered' else state end,
      delivered_at = case when ${error === null} then now() end
    where event_id = ${eventId} and channel = ${channel} and state = 'pending'
    returning (select name from events where id = event_id) as name`;
  if (row) await notifyRetrainingChange(sql, row);
}

/** Marks the remaining messages of a run as failed. */
export async function markMessagesUndeliverable(sql: Queryable, runId: string): Promise<void> {
  const [row] = await sql<{ name: string }[]>`
    update messages set state = 'failed' where state = 'pending' and event_id in (select id from events where run_id = ${runId})
    returning (select name from events where id = event_id) as name`;
  if (row) await notifyRetrainingChange(sql, row);
}

export const messageColumns = (sql: Queryable) => sql`
  event_id as "eventId", channel, state, attempts, last_error as "lastError", delivered_at as "deliveredAt"`;

export const listMessagesOfRun = (sql: Queryable, runId: string) =>
  sql<MessageRow[]>`
    select ${messageColumns(sql)}
    from messages where event_id in (select id from events where run_id = ${runId}) order by event_id, channel`;
