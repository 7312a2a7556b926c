/** Bounds the connections of the HTTP server, in number and in time. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type IsOwner, type IsProxy, networkPrefix } from '../../dashboards/server/middleware/peer.ts';

const SECOND = 1000;

/** Times of the server; bodies other than archives have shorter ones of their own. */
export const CONNECTION_TIMES = {
  /** Time for the head of a request: it fits into a few packets. */
  headersTimeout: 15 * SECOND,
  /** Time of a whole request, an archive over a slow line; a stalled upload is aborted sooner. */
  requestTimeout: 3600 * SECOND,
  connectionsCheckingInterval: 5 * SECOND,
} as const;

export interface ConnectionLimits {
  /** Fewer than a process may have files open. */
  readonly total: number;
  /** A browser opens six, a script one per request at once; proxies are not limited. */
  readonly perAddress: number;
  /** Time in which a refused connection gets its answer. */
  readonly graceMs: number;
  /** Time in which a client takes some of a response. */
  readonly stallMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { total: 2000, perAddress: 256, graceMs: 2000, stallMs: 300_000 };

/** Returns whether a connection is one too many: its requests are refused, and it ends soon. */
export function limitConnections(
  server: Server,
  isProxy: IsProxy,
  { total, perAddress, graceMs, stallMs }: ConnectionLimits = CONNECTION_LIMITS,
): (socket: Socket) => boolean {
  const byAddress = new Map<string, number>();
  const refused = new WeakSet<Socket>();
  let all = 0;
  // Beyond these, not even a refusal is sent.
  server.maxConnections = Math.ceil(total * 1.25);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = 'unknown' } = socket;
    const key = networkPrefix(remoteAddress);
    const own = (byAddress.get(key) ?? 0) + 1;
    all += 1;
    byAddress.set(key, own);
    socket.once('close', () => {
      all -= 1;
      const left = (byAddress.get(key) ?? 1) - 1;
      if (left === 0) byAddress.delete(key);
      else byAddress.set(key, left);
    });
    if (all <= total && (own <= perAddress || isProxy(remoteAddress))) return;
    refused.add(socket);
    destroyAfter(socket, graceMs);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    closeUnread(request, response, graceMs);
    closeStalled(request.socket, response, stallMs);
  });
  return (socket) => refused.has(socket);
}

/** Connections of other users of this machine, who share the owner's address. */
const OTHERS = 64;

/** Bounds the connections of other users, so that they leave room for the owner's. */
export function limitOthers(server: Server, isOwner: IsOwner): void {
  let others = 0;
  server.on('connection', async (socket: Socket) => {
    // At once, while the peer holds its end: a closed one has no user.
    if ((await isOwner(socket)) || socket.closed) return;
    others += 1;
    socket.once('close', () => {
      others -= 1;
    });
    if (others > OTHERS) socket.destroy();
  });
}

/** Ends a connection whose request was answered before its body had arrived. */
function closeUnread(request: IncomingMessage, response: ServerResponse, graceMs: number): void {
  response.once('finish', () => {
    // What is on its way is read and dropped meanwhile, so that the client receives the answer.
    if (!request.complete) destroyAfter(request.socket, graceMs, () => !request.complete);
  });
}

/** Ends a connection over which none of a response that waits has left for a whole period. */
function closeStalled(socket: Socket, response: ServerResponse, stallMs: number): void {
  let before = 0;
  const timer = setInterval(() => {
    const waiting = socket.writableLength;
    if (waiting > 0 && waiting === before) socket.destroy();
    before = waiting;
  }, stallMs);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

function destroyAfter(socket: Socket, ms: number, isDue: () => boolean = () => true): void {
  const timer = setTimeout(() => {
    if (isDue()) socket.destroySoon();
  }, ms);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
