/** Embedded Postgres: a cluster in the home folder, on loopback, with a random password. */
import { execFile } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectTo } from '../../db/client.ts';
import { NarrowsError } from '../../errors.ts';
import { selectExternalVariables } from '../env.ts';
import { diskFullError, type Home, toHomeError } from '../home.ts';
import { type Child, startChild } from '../processes/child.ts';
import { identifyProcess, type ProcessIdentity, type ShutdownSequence, stopProcess } from '../processes/identity.ts';
import { freePort, LOOPBACK } from '../processes/ports.ts';
import type { RotatingLog } from '../processes/rotating-log.ts';
import type { UserCache } from '../user-cache.ts';
import { type PostgresBinaries, preparePostgresBinaries } from './binaries.ts';
import { recordCluster, requireKnownCluster } from './known-clusters.ts';
import { passwordFile, readPassword, SUPERUSER, writePassword } from './passwords.ts';
import { type Account, findUnprivilegedAccount, runAsAccount } from './unprivileged.ts';

const execFileAsync = promisify(execFile);

const DATABASE = 'postgres';
/** One major version cannot read the clusters of another. */
const MAJOR_VERSION = '18';

/** Fast shutdown, which writes a checkpoint, then immediate shutdown, from which it recovers. */
export const POSTGRES_SHUTDOWN: ShutdownSequence = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5000],
  ['SIGKILL', 2000],
];

/** Files of the cluster: /dev/shm is tiny, or full, in many containers. */
const DYNAMIC_MEMORY = 'mmap';

/**
 * Keeps the default durability (fsync, synchronous_commit): the rows of a pack must survive a power
 * cut once Temporal knows that the pack is done, or a finished sweep would lack trials. A commit
 * per pack takes milliseconds.
 */
const SETTINGS = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '', // no socket files, whose paths can be too long
  max_connections: 60, // two workers, commands and dashboards, with reserve
  shared_buffers: '64MB',
  dynamic_shared_memory_type: DYNAMIC_MEMORY,
  max_parallel_workers_per_gather: 0, // they would share memory through files
  jit: 'off',
  wal_level: 'minimal', // an embedded server has no replicas
  max_wal_senders: 0,
  max_wal_size: '512MB',
  timezone: 'UTC',
  log_checkpoints: 'off',
} as const;

/** For a server that hangs: its backends end with it, and it recovers at the next start. */
export const POSTGRES_KILL: ShutdownSequence = [
  ['SIGQUIT', 5000],
  ['SIGKILL', 2000],
];

export interface PostgresServer {
  readonly child: Child;
  readonly port: number;
  /** The superuser's; it includes the password: never print it. */
  readonly url: string;
}

/**
 * Creates the cluster if absent. `trust` starts one that was made elsewhere. Throws NarrowsError
 * `postgres-version`, `postgres-incomplete`, `postgres-failed`, `postgres-missing`,
 * `root-unsupported`, `home-unknown`, `home-not-writable`, `disk-full`, `shared-memory-full`.
 */
export async function preparePostgres(home: Home, cache: UserCache, { trust = false } = {}): Promise<void> {
  const versionFile = join(home.postgres, 'PG_VERSION');
  if (isAbsent(versionFile, home)) {
    requireEmpty(home);
    await createCluster(home);
    return recordCluster(home, cache);
  }
  if (trust) recordCluster(home, cache);
  else requireKnownCluster(home, cache);
  const version = readFileSync(versionFile, 'utf8').trim();
  if (version === MAJOR_VERSION) return;
  throw new NarrowsError('postgres-version', `${home.postgres} was made by Postgres ${version}; this is ${MAJOR_VERSION}`, {
    path: home.postgres,
    fix: 'use the narrows that made it, or another NARROWS_HOME',
    kind: 'failure',
  });
}

/**
 * Starts the prepared cluster, on `port` where clients hold that address already. The caller holds
 * the lock of the home folder; a server that a crash left running on the cluster is stopped first.
 */
export async function startPostgres(home: Home, log: RotatingLog, port?: number): Promise<PostgresServer> {
  await stopPostgresOrphan(home);
  const { postgres } = preparePostgresBinaries();
  const password = readPassword(home, 'superuser');
  const owner = findOwner(home.postgres);
  let candidate = port ?? (await freePort());
  for (let attempt = 1; ; attempt++) {
    const settings = Object.entries({ ...SETTINGS, port: candidate }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [command, ...args] = runAsAccount(owner, postgres, ['-D', home.postgres, ...settings]);
    const child = await startChild({
      command,
      args,
      variables: selectExternalVariables(),
      cwd: home.directory,
      log,
      orphanSignal: 'SIGINT',
    });
    const failure = await waitUntilReady(child);
    if (failure === null) {
      return { child, port: candidate, url: `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${candidate}/${DATABASE}` };
    }
    if (port !== undefined || attempt === 5 || !/Address already in use|shared memory block/.test(failure))
      throw startError(home, failure);
    // Another process took the port, or a crashed server's processes have not ended yet.
    candidate = await freePort();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Resolves to true where the server takes a new connection and answers on it. */
export async function answersQueries({ url }: PostgresServer): Promise<boolean> {
  const sql = connectTo(url, 1, { failFast: true });
  try {
    await sql`select 1`;
    return true;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** Stops a server that runs on this cluster without a supervisor, and removes its pid file. */
export async function stopPostgresOrphan(home: Home): Promise<void> {
  const orphan = findRunningPostgres(home);
  if (orphan) await stopProcess(orphan, POSTGRES_SHUTDOWN);
  // After a reboot any process may have the file's pid, and Postgres would wait for it.
  rmSync(pidFileOf(home), { force: true });
}

/** Finds the server that runs on this cluster; null if none does. */
export function findRunningPostgres(home: Home): ProcessIdentity | null {
  try {
    const [pid = ''] = readFileSync(pidFileOf(home), 'utf8').split('\n');
    const identity = identifyProcess(Number(pid));
    // Postgres runs in its data directory, unlike another process with the same pid.
    return identity && readlinkSync(`/proc/${identity.pid}/cwd`) === realpathSync(home.postgres) ? identity : null;
  } catch {
    return null;
  }
}

export const pidFileOf = (home: Home): string => join(home.postgres, 'postmaster.pid');

/** Whether a file is not there. Throws where that cannot be seen, as of a disk that is away. */
function isAbsent(file: string, home: Home): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    throw toHomeError(error, home.postgres);
  }
}

/** Throws NarrowsError `postgres-incomplete` where a new cluster would replace files. */
function requireEmpty(home: Home): void {
  if (isAbsent(home.postgres, home) || readdirSync(home.postgres).length === 0) return;
  throw new NarrowsError('postgres-incomplete', `${home.postgres} has files, and no PG_VERSION: it is no whole cluster`, {
    path: home.postgres,
    fix: 'make the disk with its files available, or move the folder away for a new one',
    kind: 'failure',
  });
}

/** Creates the cluster in a draft folder and renames it: a cluster is complete or absent. */
async function createCluster(home: Home): Promise<void> {
  const binaries = preparePostgresBinaries();
  const account = findUnprivilegedAccount();
  const draft = `${home.postgres}.new`;
  try {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    if (account) chownSync(draft, account.uid, account.gid);
    writePassword(home, 'superuser');
    await initdb(home, binaries, account, draft);
    rmSync(home.postgres, { recursive: true, force: true });
    renameSync(draft, home.postgres);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw toHomeError(error, home.postgres);
  }
}

async function initdb(home: Home, { initdb }: PostgresBinaries, account: Account | null, directory: string): Promise<void> {
  const [command, ...args] = runAsAccount(account, initdb, [
    `--pgdata=${directory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile(home, 'superuser')}`,
    '--auth=scram-sha-256',
    '--no-locale', // the same order of text on every machine
    '--encoding=UTF8',
    `--set=dynamic_shared_memory_type=${DYNAMIC_MEMORY}`,
  ]);
  try {
    await execFileAsync(command, args, { cwd: home.directory, env: selectExternalVariables(), maxBuffer: 1 << 20 });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw startError(home, stderr.trim() || message);
  }
}

/** Returns the owner of the cluster where root gave it to another user; null for this user. */
function findOwner(directory: string): Account | null {
  const { uid, gid } = statSync(directory);
  return uid === process.getuid?.() ? null : { name: String(uid), uid, gid };
}

/** Resolves to null when the server accepts connections, else to its output when it has ended. */
function waitUntilReady(child: Child): Promise<string | null> {
  return new Promise((resolve) => {
    const check = () => {
      if (child.output().includes('database system is ready to accept connections')) resolve(null);
    };
    child.process.stderr?.on('data', check);
    check();
    void child.exit.then((how) => resolve(child.output() || how));
  });
}

function startError(home: Home, output: string): NarrowsError {
  if (/shared memory segment/.test(output)) {
    return new NarrowsError('shared-memory-full', 'the embedded Postgres gets no shared memory from this machine', {
      path: home.postgres,
      fix: 'stop programs that hold shared memory (see "ipcs -m"), or raise kernel.shmmni',
      kind: 'failure',
    });
  }
  if (/No space left on device|Disk quota exceeded/.test(output))
    return diskFullError(home.postgres, 'Postgres found no space left');
  const errors = output.split('\n').filter((line) => /FATAL|PANIC|error:/.test(line));
  return new NarrowsError('postgres-failed', `the embedded Postgres does not start: ${errors.at(-1) ?? output.slice(-300)}`, {
    path: home.postgres,
    fix: 'see "narrows doctor"',
    kind: 'failure',
  });
}
