/** E-mail over SMTP, in plain text. */
import { createTransport } from 'nodemailer';
import type { Messenger } from '../ports.ts';

export interface MailSettings {
  /** smtp://user:password@host:port or smtps://... */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

const PATIENCE_MILLISECONDS = 20_000;

/** The message's id is the event's: mailboxes that drop repetitions drop them by it. */
export function mail({ url, from, to }: MailSettings): Messenger {
  return {
    channel: 'mail',
    async send({ id, text, link }) {
      const patience = {
        connectionTimeout: PATIENCE_MILLISECONDS,
        greetingTimeout: PATIENCE_MILLISECONDS,
        socketTimeout: PATIENCE_MILLISECONDS,
      };
      const transport = createTransport(url, patience as never);
      try {
        await transport.sendMail({
          from,
          to: [...to],
          messageId: `<${id}@narrows>`,
          subject: text.split('\n')[0],
          text: link === null ? text : `${text}\n\n${link}`,
        });
      } catch (error) {
        // What the library says may repeat what it was told, the password among it.
        const { code, responseCode } = error as { code?: string; responseCode?: number };
        throw new Error(`SMTP: ${[code, responseCode].filter((part) => part !== undefined).join(' ')}`);
      } finally {
        transport.close();
      }
    },
  };
}
