/** A network of which containers reach two servers of this machine, and nothing else. */
import { execFileSync } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

export interface ContainerNetwork extends AsyncDisposable {
  /** The argument of podman's --network. */
  readonly option: string;
  /** Address of the containers, as this machine reaches them. */
  readonly address: string;
  /** Opens a port to a server of this machine; returns its address in the network. */
  open(port: number): Promise<{ readonly host: string; readonly port: number }>;
}

/** Creates a network namespace with one link to this machine, which leads no further. */
export function createNetwork(): ContainerNetwork {
  const name = `narrows-${process.pid}`;
  const [ours, theirs] = [`nrw${process.pid}a`, `nrw${process.pid}b`];
  const subnet = `10.213.${process.pid % 256}`;
  const [host, address] = [`${subnet}.1`, `${subnet}.2`];
  ip('netns', 'add', name);
  ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name);
  ip('address', 'add', `${host}/24`, 'dev', ours);
  ip('link', 'set', ours, 'up');
  ip('-n', name, 'address', 'add', `${address}/24`, 'dev', theirs);
  ip('-n', name, 'link', 'set', theirs, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const servers: Server[] = [];
  return {
    option: `ns:/run/netns/${name}`,
    address,
    async open(port) {
      const server = createServer((inner) => {
        const outer = connect(port, '127.0.0.1');
        for (const [from, to] of [
          [inner, outer],
          [outer, inner],
        ] as const) {
          from.setNoDelay(true).pipe(to);
          from.on('error', () => to.destroy());
        }
      });
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      servers.push(server);
      return { host, port: (server.address() as AddressInfo).port };
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      ip('link', 'delete', ours);
      ip('netns', 'delete', name);
    },
  };
}
