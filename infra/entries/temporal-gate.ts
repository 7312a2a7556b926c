/** Inner side of the embedded Temporal's gate: carries bytes between connections and Temporal. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { LOOPBACK } from '../processes/ports.ts';

const port = Number(process.argv[2]);
const RETRY_MILLISECONDS = 30;

process.on('disconnect', () => process.exit());
process.on('message', (id, outer: Socket | undefined) => {
  process.send?.(id);
  if (outer) void carry(outer);
});
process.send?.('ready');

async function carry(outer: Socket): Promise<void> {
  outer.on('error', () => {});
  const inner = await reachTemporal();
  // Messages are small, and each waits for an answer.
  for (const socket of [outer, inner]) socket.setNoDelay(true);
  for (const [from, to] of [
    [outer, inner],
    [inner, outer],
  ] as const)
    pipeline(from, to, (error) => error && to.destroy());
}

/** Connects as soon as Temporal listens. Where it does not start, this process is stopped too. */
async function reachTemporal(): Promise<Socket> {
  for (;;) {
    const socket = connect(port, LOOPBACK);
    try {
      await once(socket, 'connect');
      return socket.on('error', () => {});
    } catch {
      await setTimeout(RETRY_MILLISECONDS);
    }
  }
}
