/** Receivers of notifications: a webhook endpoint, and a mail server with minimal SMTP. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Status codes of the next responses; 204 afterwards. */
  readonly answers: number[];
}

export async function startWebhookReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface MailServer extends AsyncDisposable {
  readonly url: string;
  /** Whole messages, headers and text. */
  readonly mails: { readonly to: readonly string[]; readonly text: string }[];
  /** Replies to the next messages, instead of 250. */
  readonly refusals: string[];
}

/** Starts a mail server with the part of RFC 5321 that an unencrypted, anonymous client needs. */
export async function startMailServer(): Promise<MailServer> {
  const mails: { to: readonly string[]; text: string }[] = [];
  const refusals: string[] = [];
  const server = createSocketServer((socket) => {
    let buffer = '';
    let to: string[] = [];
    let inText = false;
    const reply = (line: string) => socket.write(`${line}\r\n`);
    reply('220 test');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (;;) {
        const end = inText ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + (inText ? 5 : 2));
        if (inText) {
          inText = false;
          const refusal = refusals.shift();
          if (refusal === undefined) mails.push({ to, text: line });
          to = [];
          reply(refusal ?? '250 taken');
        } else if (/^RCPT TO/i.test(line)) {
          to.push(/<(.*)>/.exec(line)?.[1] ?? '');
          reply('250 ok');
        } else if (/^DATA/i.test(line)) {
          inText = true;
          reply('354 go on');
        } else if (/^QUIT/i.test(line)) {
          reply('221 bye');
          socket.end();
        } else reply('250 ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    refusals,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
