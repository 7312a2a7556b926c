/** Free ports of the loopback interface. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Returns `count` ports that are free now; callers retry where one is taken meanwhile. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, LOOPBACK));
  try {
    await Promise.all(servers.map((server) => once(server, 'listening')));
    return servers.map((server) => (server.address() as AddressInfo).port);
  } finally {
    for (const server of servers) server.close();
  }
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('no port was given');
  return port;
}
