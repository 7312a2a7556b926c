/** Sends requests to a server over loopback; right is an answer below 500, or none at all. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { processUnderTest } from './child.ts';
import { drawOf } from './draw.ts';
import { requestFactory, TOKEN } from './requests.ts';
import type { Fault, Runner } from './runner.ts';
import type { ServerReady } from './server-process.ts';

export const ROUTES = 'route';

/** Limit of the heap of the dashboards. */
const FLAGS = ['--max-old-space-size=1024'];
/** Temporal is not there. */
const UNREACHABLE = 503;
/** Time after a connection was closed without an answer in which a process may still end. */
const ENDING_MS = 200;
const REST_MS = 2000;
/** An interim status precedes the final one. */
const STATUS = /^HTTP\/1\.1 \d{3}/gm;

/** Runs the requests of a server, which is replaced after it has ended. */
export function routesRunner(seed: number): Runner {
  const server = processUnderTest<ServerReady>(new URL('server-process.ts', import.meta.url), [], FLAGS);
  const factory = server.start().then(requestFactory);
  const inputOf = async (index: number) => (await factory)(drawOf(seed, ROUTES, index));
  return {
    async read({ index }): Promise<Fault> {
      const { port, token } = await server.start();
      const request = await inputOf(index);
      const bytes = Buffer.from(request.toString('latin1').replaceAll(TOKEN, token), 'latin1');
      const reply = await server.watch(
        exchange(port, bytes).then(async (answer) => {
          if (answer === '') await pause(ENDING_MS);
          return answer;
        }),
      );
      if ('lost' in reply) return { kind: reply.lost, message: reply.message };
      const status = Number(reply.answer.match(STATUS)?.at(-1)?.slice(-3) ?? 0);
      return status < 500 || status === UNREACHABLE ? null : { kind: 'crash', message: reply.answer.slice(0, 2000) };
    },
    files: async (index) => new Map([['request', await inputOf(index)]]),
    peak: () => Math.max(server.peak().own, server.peak().descendants),
    stop: server.stop,
  };
}

/** Sends bytes and returns what comes back, the start of an event stream included. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    // A server that waits for the rest of a request learns that there is none.
    const timer = setTimeout(() => socket.end(), REST_MS);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      if (answer.length < 10_000) answer += text;
      if (/^content-type: text\/event-stream/im.test(answer)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
