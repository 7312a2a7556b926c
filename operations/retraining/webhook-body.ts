/** The message that a webhook receives: the one description of its fields and of its signature. */
import { createHmac } from 'node:crypto';
import type { CommonField, EventRow } from '../../db/queries/retraining/notifications.ts';

/** An event with the page that shows it; null: the address of the dashboards is not known. */
export type Notification = EventRow & { readonly link: string | null };

/** Returns the body of a POST: common fields, then those of the kind of event. */
export function webhookBody({ id, at, kind, name, runId, subject, text, link, payload }: Notification): string {
  const common = {
    /** The same for every attempt at an event, so that receivers can drop repetitions. */
    id,
    /** ISO 8601. */
    at: at.toISOString(),
    kind,
    retraining: name,
    run: runId,
    /** Shard, source or version that the event is about; empty where it is about the run. */
    subject,
    /** Plain text; its first line is a subject. */
    text,
    link,
  } satisfies Readonly<Record<CommonField, unknown>>;
  return JSON.stringify({ ...common, ...payload });
}

/** Returns the hexadecimal HMAC-SHA256 over `<timestamp>.<body>`; `timestamp` in Unix seconds. */
export const signWebhook = (secret: string, timestamp: number, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
