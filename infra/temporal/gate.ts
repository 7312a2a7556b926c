/**
 * Gate of the embedded Temporal, which knows neither users nor passwords: a port of this machine
 * that lets the owner alone into the private network in which Temporal listens.
 *
 * This process listens, so that the port is never free for another program while the stack runs,
 * and hands each accepted connection to a process inside, which alone reaches Temporal.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Home } from '../home.ts';
import { type Child, startChild } from '../processes/child.ts';
import { CLOSED_TO_DEBUGGERS, resolveEntry } from '../processes/entry.ts';
import { isOwnPeer } from '../processes/peer-user.ts';
import { LOOPBACK } from '../processes/ports.ts';
import { type PrivateNetworks, privateNetworkVariables } from '../processes/private-network.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';

export interface Gate {
  readonly port: number;
  /**
   * Creates a private network, and passes connections on to `port` in it from now on. Resolves to
   * the process inside, whose network Temporal joins. Throws an error with its output if it ends.
   */
  open(home: Home, log: RotatingLog): Promise<Child>;
  close(): void;
}

/** Listens on a free port. Connections are closed until the gate is opened. */
export async function createGate(networks: PrivateNetworks): Promise<Gate> {
  let inside: ChildProcess | null = null;
  let count = 0;
  /** Connections on their way inside, by number. */
  const waiting = new Map<unknown, Socket>();
  const release = (id: unknown) => {
    waiting.get(id)?.destroy();
    waiting.delete(id);
  };
  const server = createServer({ pauseOnConnect: true }, async (socket) => {
    socket.on('error', () => {});
    if (!(await isOwnPeer(socket)) || !inside?.connected) return void socket.destroy();
    const id = ++count;
    waiting.set(id, socket);
    // Kept open here until it has arrived: Node would never close one that waits for a process that
    // hangs and is killed, and its client would wait for ever.
    inside.send(id, socket, { keepOpen: true }, (error) => error && release(id));
  });
  await once(server.listen(0, LOOPBACK), 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async open(home, log) {
      const [command, ...args] = networks.create(process.execPath, [
        ...[...CLOSED_TO_DEBUGGERS, '--max-semi-space-size=2', '--max-old-space-size=64'],
        resolveEntry('temporal-gate'),
        String(port),
      ]);
      const child = await startChild({
        command,
        args,
        variables: privateNetworkVariables(),
        cwd: home.temporal,
        log,
        orphanSignal: 'SIGKILL',
        ipc: true,
      });
      child.process.on('message', release);
      void child.exit.then(() => {
        for (const id of waiting.keys()) release(id);
      });
      const ended = child.exit.then((how) => Promise.reject(new Error(child.output() || how)));
      await Promise.race([once(child.process, 'message'), ended]);
      inside = child.process;
      return child;
    },
    close: () => void server.close(),
  };
}
