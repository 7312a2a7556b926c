/** Networks of which processes and containers reach servers of this machine, and nothing else. */
import { execFileSync, spawnSync } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

const ip = (...args: readonly string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** Reason to skip tests that need such networks; false where this machine can make them. */
export const withoutNetworks: string | false = findObstacle();

function findObstacle(): string | false {
  if (process.getuid?.() !== 0) return 'only root makes networks for processes';
  const name = `narrows-probe-${process.pid}`;
  const { status, stderr, error } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (error !== undefined) return 'ip is not installed (apt-get install iproute2)';
  if (status !== 0) return `this machine makes no network namespaces: ${stderr.trim()}`;
  ip('netns', 'delete', name);
  return false;
}

/** A network namespace, whose one link leads to this machine. */
export interface Namespace {
  readonly name: string;
  /** Address of its processes, as this machine reaches them. */
  readonly address: string;
  /** Returns the command line of a program in it. */
  enter(command: string, args: readonly string[]): readonly [string, ...string[]];
  remove(): void;
}

export interface Network extends AsyncDisposable {
  /** Address of this machine in it. */
  readonly host: string;
  /** Creates a namespace, which reaches no other one. */
  createNamespace(): Namespace;
  /**
   * Opens a port to a server of this machine, or at an address that it reaches; returns its address
   * for every namespace.
   */
  open(port: number, host?: string): Promise<{ readonly host: string; readonly port: number }>;
}

/** Addresses of a subnet of 256, without those of the network, of this machine and of all. */
const MOST_NAMESPACES = 253;

/** Creates a network; one at a time for each process. */
export function createNetwork(): Network {
  const bridge = `nrw${process.pid}`;
  const subnet = `10.213.${process.pid % 256}`;
  const host = `${subnet}.1`;
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${host}/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const namespaces = new Set<Namespace>();
  let count = 0;
  return {
    host,
    createNamespace() {
      count += 1;
      if (count > MOST_NAMESPACES) throw new Error(`the network ${subnet} has no address left`);
      const [name, link, address] = [`${bridge}-${count}`, `${bridge}v${count}`, `${subnet}.${count + 1}`];
      ip('netns', 'add', name);
      ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('link', 'set', link, 'master', bridge);
      ip('link', 'set', link, 'type', 'bridge_slave', 'isolated', 'on');
      ip('link', 'set', link, 'up');
      ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
      const namespace: Namespace = {
        name,
        address,
        enter: (command, args) => ['nsenter', `--net=/run/netns/${name}`, '--', command, ...args],
        remove() {
          if (!namespaces.delete(namespace)) return;
          ip('link', 'delete', link);
          ip('netns', 'delete', name);
        },
      };
      namespaces.add(namespace);
      return namespace;
    },
    async open(port, target = '127.0.0.1') {
      const server = createServer((inner) => {
        const outer = connect(port, target);
        for (const socket of [inner, outer]) {
          sockets.add(socket.setNoDelay(true));
          socket.once('close', () => sockets.delete(socket));
        }
        // An error of one ends both.
        pipeline(inner, outer, () => {});
        pipeline(outer, inner, () => {});
      });
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      servers.push(server);
      return { host, port: (server.address() as AddressInfo).port };
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      // Those into removed namespaces would not end by themselves for minutes.
      for (const socket of sockets) socket.destroy();
      for (const namespace of namespaces) namespace.remove();
      ip('link', 'delete', bridge);
    },
  };
}
