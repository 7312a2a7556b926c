/**
 * Running Postgres when we are root. Postgres refuses root, so it runs as another user, who can neither enter our private home folder nor,
 * often, the folder where npm put the binaries (e.g. below /root). Two capabilities of root can be handed on across the change of user;
 * either opens the way.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { NarrowsError } from '../../errors.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whom root becomes for Postgres: its own user where there is one, else nobody. */
const ACCOUNTS = ['postgres', 'nobody'] as const;

/** Linux capabilities by their bit: reading and entering any folder, and (wider) overriding all rights of files. */
const CAPABILITIES = [
  { name: 'dac_read_search', bit: 2n },
  { name: 'dac_override', bit: 1n },
] as const;

/** Null when this process is not root and nothing has to be done. Throws NarrowsError `root-unsupported`. */
export function findUnprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of ACCOUNTS) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? [];
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw rootUnsupportedError(`there is no user ${ACCOUNTS.join(' or ')} to become`);
}

/** The command line that runs `command` as `account`, able to reach its files. Throws NarrowsError `root-unsupported`. */
export function runAsAccount(account: Account | null, command: string, args: readonly string[]): readonly [string, ...string[]] {
  if (account === null) return [command, ...args];
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv'].find(isExecutable);
  if (setpriv === undefined) throw rootUnsupportedError('there is no setpriv (package util-linux)');
  const held = readEffectiveCapabilities();
  const capability = CAPABILITIES.find(({ bit }) => (held >> bit) & 1n)?.name;
  if (capability === undefined) throw rootUnsupportedError('this root may not pass through private folders');
  return [
    setpriv,
    ...['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'],
    // access(2) asks for the rights of the user alone, without capabilities, unless this bit is set; initdb uses it on its binaries.
    ...['--securebits', '+no_setuid_fixup'],
    ...['--inh-caps', `-all,+${capability}`, '--ambient-caps', `-all,+${capability}`, '--bounding-set', `-all,+${capability}`],
    '--',
    command,
    ...args,
  ];
}

function rootUnsupportedError(reason: string): NarrowsError {
  return new NarrowsError('root-unsupported', `Postgres does not run as root, and ${reason}`, {
    fix: 'run narrows as an ordinary user, or set NARROWS_DATABASE_URL and TEMPORAL_ADDRESS',
    kind: 'failure',
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function readEffectiveCapabilities(): bigint {
  const [, mask = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return BigInt(`0x${mask}`);
}
