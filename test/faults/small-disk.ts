/** Programs that see a small disk at a folder: a tmpfs in a mount namespace of their own. */
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Root inside a user namespace, which any user may be where those are allowed. */
const UNSHARE = ['unshare', '-U', '-r', '-m', '/bin/sh', '-c'] as const;

const MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" || exit 97; shift 2;';

/** Why this machine has no small disks; false where it has. */
export function withoutSmallDisks(): string | false {
  if (process.platform !== 'linux') return 'only Linux has mount namespaces';
  const [command, ...args] = UNSHARE;
  const { status, stderr } = spawnSync(command, [...args, `${MOUNT} exec true`, 'sh', '64k', '/mnt'], { encoding: 'utf8' });
  return status === 0 ? false : `no disk can be mounted: ${stderr?.trim() || 'there is no unshare'}`;
}

export interface SmallDisk {
  /** '64k', '4m'. */
  readonly size: string;
  /** An empty folder, which stays empty for everybody else. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** Starts a program. */
export function spawnOnSmallDisk({ size, folder, ...options }: SmallDisk, program: readonly string[]) {
  const [command, ...args] = UNSHARE;
  return spawn(command, [...args, `${MOUNT} exec "$@"`, 'sh', size, folder, ...program], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a program to its end. `left`: the files that it leaves on its disk. */
export async function runOnSmallDisk(disk: SmallDisk, program: readonly string[]) {
  const script = '"$@"; code=$?; echo ---- >&2; find "$0" -type f >&2; exit $code';
  const child = spawnOnSmallDisk(disk, ['/bin/sh', '-c', script, disk.folder, ...program]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, all, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const [stderr = '', left = ''] = all.split('----\n');
  return { code, stdout, stderr, left: left.split('\n').filter(Boolean) };
}
