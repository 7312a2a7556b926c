/** Another user of this machine, as whom root runs code. */
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** An id that no account has. */
const ID = 64_217;

/** Reason to skip tests that need another user; false where none is needed. */
export const withoutOtherUser: string | false = findObstacle();

function findObstacle(): string | false {
  if (process.platform !== 'linux') return 'the users of connections are known on Linux only';
  if (process.getuid?.() !== 0) return 'only root can run code as another user';
  const { status } = spawnSync(process.execPath, ['--version'], { uid: ID, gid: ID, cwd: '/' });
  return status === 0 ? false : `other users cannot run ${process.execPath}`;
}

/**
 * Runs code of a module as another user, or as this one, and returns what it prints, as JSON.
 */
export async function runAs<T>(who: 'owner' | 'other', code: string): Promise<T> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    ...(who === 'other' && { uid: ID, gid: ID }),
    cwd: '/',
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(child.stdout)) as T;
}
