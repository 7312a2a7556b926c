/** A TCP proxy that lets a test disconnect and reconnect a server without restarting it. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy extends AsyncDisposable {
  /** The URL of the server, with the address of the proxy. */
  readonly url: string;
  /** Cuts each connection after this many bytes in both directions together. */
  limitBytes(bytes: number): void;
  /** Number of connections that the limit has cut. */
  readonly cut: number;
  /** Ends all connections and refuses further ones. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
  /** Lets no byte through, as a network that loses all packets; connections stay open. */
  hold(): void;
  /** Passes on what was held back, late as it is. */
  release(): void;
}

/**
 * Returns a random loopback address on Linux, so that no other program takes the port while the
 * proxy is disconnected.
 */
function loopbackAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  return `127.${[0, 0, 0].map(() => 1 + Math.floor(Math.random() * 253)).join('.')}`;
}

/** `findTarget` names the server of each new connection, where its address changes. */
export async function startProxy(url: string, findTarget = () => new URL(url)): Promise<Proxy> {
  const proxied = new URL(url);
  proxied.hostname = loopbackAddress();
  const sockets = new Set<Socket>();
  let limit = Number.POSITIVE_INFINITY;
  let cut = 0;
  let isHeld = false;
  const accept = (client: Socket) => {
    const target = findTarget();
    const upstream = connect(Number(target.port), target.hostname);
    let passed = 0;
    const join = (from: Socket, to: Socket) => {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        passed += chunk.length;
        if (passed <= limit) {
          to.write(chunk);
          return;
        }
        cut++;
        client.destroy();
      });
      if (isHeld) from.pause();
    };
    join(client, upstream);
    join(upstream, client);
  };
  let server = createServer(accept);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, proxied.hostname, resolve);
    });
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.href,
    get cut() {
      return cut;
    },
    limitBytes(bytes) {
      limit = bytes;
      cut = 0;
    },
    disconnect: close,
    reconnect() {
      server = createServer(accept);
      return listen(Number(proxied.port));
    },
    hold() {
      isHeld = true;
      for (const socket of sockets) socket.pause();
    },
    release() {
      isHeld = false;
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: close,
  };
}
