/** Notifications as signed POSTs of JSON. */
import { signWebhook, webhookBody } from '../../../operations/retraining/webhook-body.ts';
import type { Messenger } from '../ports.ts';

export interface WebhookSettings {
  readonly url: string;
  readonly secret: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Sends with the headers `narrows-event`, the event's id, and `narrows-signature:
 * t=<timestamp>,v1=<signature>`. Only a status of 2xx counts as delivered; redirections are not
 * followed.
 */
export function webhook({ url, secret }: WebhookSettings): Messenger {
  return {
    channel: 'webhook',
    async send(notification) {
      const body = webhookBody(notification);
      const timestamp = Math.floor(Date.now() / 1000);
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'narrows',
          'narrows-event': notification.id,
          'narrows-signature': `t=${timestamp},v1=${signWebhook(secret, timestamp, body)}`,
        },
      }).catch((error: Error) => {
        // The address may hold a token: only the reason is reported.
        const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
        throw new Error(code ?? error.name);
      });
      await response.body?.cancel();
      if (response.status < 200 || response.status > 299) throw new Error(`the receiver answers ${response.status}`);
    },
  };
}
