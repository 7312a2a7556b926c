/** A Postgres of the machine's packages, with its tools: pg_dump, pg_restore, createdb. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findUnprivilegedAccount, runAsAccount } from '../../../infra/postgres/unprivileged.ts';
import { freePort, LOOPBACK } from '../../../infra/processes/ports.ts';
import { startProgram } from './program.ts';

/** Debian installs each version in a folder of its own, and only its clients on the PATH. */
const PACKAGES = '/usr/lib/postgresql';

/** The oldest version whose partitions and functions the tables need. */
const OLDEST = 14;

/** Folder of the newest version with its server; undefined without one. */
const TOOLS = (existsSync(PACKAGES) ? readdirSync(PACKAGES) : [])
  .filter((version) => Number(version) >= OLDEST && existsSync(join(PACKAGES, version, 'bin', 'postgres')))
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(PACKAGES, version, 'bin'))[0];

/** Reason to skip tests that need it; false where none is needed. */
export const withoutPostgresPackage: string | false =
  TOOLS === undefined && 'no Postgres of the machine is installed (apt-get install postgresql)';

export interface PackagedPostgres extends AsyncDisposable {
  /** URL of the superuser, and of a database that does not exist yet. */
  urlOf(database: string): string;
  /** Folder of the tools. */
  readonly tools: string;
}

/** Starts an empty server with these settings; by default it asks for no password. */
export async function startPackagedPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PackagedPostgres> {
  const tools = TOOLS ?? '';
  const account = findUnprivilegedAccount();
  const folder = mkdtempSync(join(tmpdir(), 'narrows-packaged-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  for (const one of account ? [folder, data] : []) chownSync(one, account?.uid ?? 0, account?.gid ?? 0);
  const run = (name: string, args: readonly string[]) => runAsAccount(account, join(tools, name), args);
  const [initdb, ...words] = run('initdb', [
    `--pgdata=${data}`,
    '--username=root',
    '--auth=trust',
    '--encoding=UTF8',
    '--no-sync',
  ]);
  execFileSync(initdb, words, { cwd: folder, stdio: 'pipe' });
  const port = await freePort();
  const own = { listen_addresses: LOOPBACK, unix_socket_directories: '', fsync: 'off', dynamic_shared_memory_type: 'mmap' };
  const options = Object.entries({ ...own, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = run('postgres', ['-D', data, '-p', String(port), ...options]);
  const child = await startProgram(command, { folder, serving: 'ready to accept connections', orphanSignal: 'SIGQUIT' });
  return {
    tools,
    urlOf: (database) => `postgres://root@${LOOPBACK}:${port}/${database}`,
    async [Symbol.asyncDispose]() {
      await child.stop([
        ['SIGINT', 5000],
        ['SIGKILL', 2000],
      ]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
