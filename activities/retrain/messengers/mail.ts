/** Notifications as e-mail over SMTP, in plain text. */
import { createTransport } from 'nodemailer';
import type { Messenger } from '../ports.ts';

export interface MailSettings {
  /** smtp://user:password@host:port or smtps://... */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

const TIMEOUT_MS = 20_000;
const TIMEOUTS = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };

/** The message's id is the event's, by which mailboxes drop repetitions. */
export function mail({ url, from, to }: MailSettings): Messenger {
  return {
    channel: 'mail',
    async send({ id, text, link }) {
      const transport = createTransport(url, TIMEOUTS as never);
      try {
        await transport.sendMail({
          from,
          to: [...to],
          messageId: `<${id}@narrows>`,
          subject: text.split('\n')[0],
          text: link === null ? text : `${text}\n\n${link}`,
        });
      } catch (error) {
        // The library's message may contain the password: only its codes are reported.
        const { code, responseCode } = error as { code?: string; responseCode?: number };
        throw new Error(`SMTP: ${[code, responseCode].filter((part) => part !== undefined).join(' ')}`);
      } finally {
        transport.close();
      }
    },
  };
}
