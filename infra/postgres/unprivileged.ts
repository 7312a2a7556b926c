/**
 * Runs Postgres as another user where this process is root, which Postgres rejects. That user can
 * enter neither the private home folder nor, often, the folder of the binaries (e.g. below /root).
 * Root can pass on two capabilities across the change of user; either one grants access.
 */
import { readFileSync } from 'node:fs';
import { NarrowsError } from '../../errors.ts';
import { isExecutable } from '../processes/executable.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that run Postgres for root, in order of preference. */
const ACCOUNTS = ['postgres', 'nobody'] as const;

/** Linux capabilities by bit: reading and entering any folder; (wider) ignoring permissions. */
const CAPABILITIES = [
  { name: 'dac_read_search', bit: 2n },
  { name: 'dac_override', bit: 1n },
] as const;

/** Finds the user that runs Postgres; null where this is not root. Throws `root-unsupported`. */
export function findUnprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of ACCOUNTS) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? [];
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw rootUnsupportedError(`there is no user ${ACCOUNTS.join(' or ')} to become`);
}

/** Returns the command line that runs `command` as `account`. Throws `root-unsupported`. */
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
    // access(2), which initdb calls on its binaries, ignores capabilities unless this bit is set.
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

function readEffectiveCapabilities(): bigint {
  const [, mask = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return BigInt(`0x${mask}`);
}
