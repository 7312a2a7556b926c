/**
 * A POST of JSON, signed: who knows the secret can tell that it is ours, that it is whole, and when
 * it was sent.
 */
import { createHmac } from 'node:crypto';
import type { Messenger } from '../ports.ts';

export interface WebhookSettings {
  readonly url: string;
  readonly secret: string;
}

const PATIENCE_MILLISECONDS = 10_000;

/** Hexadecimal HMAC-SHA256 over `<timestamp>.<body>`; `timestamp` in seconds since 1970. */
export function signatureOf(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/**
 * Headers: `narrows-event`, the same for every attempt at an event, so that a receiver can drop a
 * repetition; `narrows-signature: t=<timestamp>,v1=<signature>`. Only an answer of 2xx counts as
 * taken; redirections are not followed.
 */
export function webhook({ url, secret }: WebhookSettings): Messenger {
  return {
    channel: 'webhook',
    async send({ id, at, kind, name, runId, subject, text, payload, link }) {
      const body = JSON.stringify({
        id,
        at: at.toISOString(),
        kind,
        retraining: name,
        run: runId,
        subject,
        text,
        link,
        ...payload,
      });
      const timestamp = Math.floor(Date.now() / 1000);
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'narrows',
          'narrows-event': id,
          'narrows-signature': `t=${timestamp},v1=${signatureOf(secret, timestamp, body)}`,
        },
      }).catch((error: Error) => {
        // The address may hold a token: only what went wrong is told.
        const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
        throw new Error(code ?? error.name);
      });
      await response.body?.cancel();
      if (response.status < 200 || response.status > 299) throw new Error(`the receiver answers ${response.status}`);
    },
  };
}
