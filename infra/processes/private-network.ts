/**
 * Networks of their own for programs that ask nobody for a password: network namespaces of Linux,
 * in which a port on loopback exists for the programs inside alone.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { selectExternalVariables } from '../env.ts';

const execFileAsync = promisify(execFile);

/** Enters networks of one kind. */
export interface PrivateNetworks {
  /** Returns the command line of a program in a new network, in which loopback is up. */
  create(command: string, args: readonly string[]): readonly [string, ...string[]];
  /** Returns the command line of a program in the network of the process `pid`. */
  join(pid: number, command: string, args: readonly string[]): readonly [string, ...string[]];
}

/** Root may make networks; others may inside a user namespace, where those are allowed. */
const KINDS = [
  { unshare: ['-n'], nsenter: ['-n'] },
  { unshare: ['-U', '-r', '-n'], nsenter: ['-U', '-n', '--preserve-credentials'] },
] as const;

/**
 * Brings loopback up by whichever program is installed; Perl is part of every Debian. The numbers
 * are AF_INET, SOCK_DGRAM, SIOCSIFFLAGS and IFF_UP.
 */
const LOOPBACK_UP = `
  ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null ||
  perl -e 'socket(S, 2, 2, 0) && ioctl(S, 0x8914, $_ = pack("a16sx22", "lo", 1)) || exit 1' 2>/dev/null ||
  { echo 'neither ip, ifconfig nor perl brings loopback up' >&2; exit 1; }`;

/** Variables of programs in private networks: tools of the system come before any others. */
export function privateNetworkVariables(): Record<string, string> {
  const variables = selectExternalVariables();
  return { ...variables, PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${variables.PATH ?? ''}` };
}

/** Returns the private networks of this machine, or why it has none. */
export async function findPrivateNetworks(): Promise<PrivateNetworks | { readonly missing: string }> {
  if (process.platform !== 'linux') return { missing: 'only Linux has network namespaces' };
  let missing = '';
  for (const kind of KINDS) {
    const networks = privateNetworks(kind);
    const obstacle = await findObstacle(networks);
    if (obstacle === null) return networks;
    missing = obstacle;
  }
  return { missing };
}

/** A network is made within milliseconds, later under load. */
const PROBE_MILLISECONDS = 30_000;

/** Creates a network and joins it; resolves to null, or to why that fails. */
async function findObstacle(networks: PrivateNetworks): Promise<string | null> {
  const options = { env: privateNetworkVariables(), timeout: PROBE_MILLISECONDS };
  const [command, ...args] = networks.create('/bin/sh', ['-c', 'echo up; read -r _']);
  const inside = spawn(command, args, options);
  try {
    const complaint = text(inside.stderr);
    const ended = once(inside, 'close').then(async () => Promise.reject(new Error(await complaint)));
    await Promise.race([once(inside.stdout, 'data'), ended]);
    const [joining, ...rest] = networks.join(inside.pid ?? 0, '/bin/sh', ['-c', ':']);
    await execFileAsync(joining, rest, options);
    return null;
  } catch (error) {
    const { message, code, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return `there is no ${path} (package util-linux)`;
    return message.trim().split('\n').at(-1) || 'no network can be created';
  } finally {
    inside.kill('SIGKILL');
  }
}

function privateNetworks({ unshare, nsenter }: (typeof KINDS)[number]): PrivateNetworks {
  return {
    create: (command, args) => [
      'unshare',
      ...unshare,
      ...['/bin/sh', '-c', `${LOOPBACK_UP}\nexec "$@"`, 'narrows-network', command, ...args],
    ],
    join: (pid, command, args) => ['nsenter', '-t', String(pid), ...nsenter, '--', command, ...args],
  };
}
