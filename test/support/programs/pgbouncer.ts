/** A pooler in transaction mode in front of a database, by the pgbouncer of the machine. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../../infra/env.ts';
import { findUnprivilegedAccount, runAsAccount } from '../../../infra/postgres/unprivileged.ts';
import { freePort, LOOPBACK } from '../../../infra/processes/ports.ts';
import { startProgram } from './program.ts';

/** Debian installs it in /usr/sbin, which is not on every PATH. */
const FILE = [...readEnvironment().path, '/usr/sbin'].map((folder) => join(folder, 'pgbouncer')).find(existsSync);

/** Reason to skip tests that need a pooler; false where none is needed. */
export const withoutPgbouncer: string | false = FILE === undefined && 'pgbouncer is not installed (apt-get install pgbouncer)';

export interface Pooler extends AsyncDisposable {
  /** The URL of the database, with the address of the pooler. */
  readonly url: string;
}

/** `connections`: to the server, which the clients share. */
export async function startPgbouncer(databaseUrl: string, connections: number): Promise<Pooler> {
  const { hostname, port: serverPort, username, password } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'narrows-pooler-'));
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort} user=${username} password=${password}`,
      '[pgbouncer]',
      `listen_addr = ${LOOPBACK}`,
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      `default_pool_size = ${connections}`,
    ].join('\n'),
  );
  const command = runAsAccount(findUnprivilegedAccount(), FILE ?? '', [file]);
  const child = await startProgram(command, { folder, serving: 'process up', orphanSignal: 'SIGTERM' });
  const url = new URL(databaseUrl);
  url.host = `${LOOPBACK}:${port}`;
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await child.stop([
        ['SIGINT', 2000],
        ['SIGKILL', 2000],
      ]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
