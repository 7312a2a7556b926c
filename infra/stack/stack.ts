/** Starts, stops and describes the embedded stack from other processes. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { redactUrl } from '../../db/connection-url.ts';
import type { DatabaseRole } from '../../db/roles.ts';
import { NarrowsError } from '../../errors.ts';
import { readCodeVersion } from '../code-version.ts';
import type { Environment } from '../env.ts';
import { type Home, openHome, resolveHome } from '../home.ts';
import { readPassword } from '../postgres/passwords.ts';
import { loginAs } from '../postgres/roles.ts';
import { CLOSED_TO_DEBUGGERS, resolveEntry } from '../processes/entry.ts';
import { isAlive, type ShutdownSequence, stopProcess } from '../processes/identity.ts';
import { acquireLock, findLockHolder, isLocal } from '../processes/lock.ts';
import { APPEND } from '../processes/rotating-log.ts';
import { type ServerAddresses, serversOfState } from '../servers.ts';
import type { WorkerEngine } from '../worker/role.ts';
import type { SupervisorMessage } from './messages.ts';
import { findOrphans, stopOrphans } from './orphans.ts';
import { askSupervisor } from './questions.ts';
import { readLiveState, requireSameVersion, type StackState } from './state.ts';

export { redactUrl };

/** A supervisor waits for workers to write checkpoints and for the servers to shut down. */
const SUPERVISOR_SHUTDOWN: ShutdownSequence = [
  ['SIGTERM', 45_000],
  ['SIGKILL', 2000],
];

const POLL_MILLISECONDS = 50;

export interface EnsureOptions {
  readonly note?: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly workers?: WorkerEngine | 'none';
  /** Starts the home folder's database although it was made elsewhere. */
  readonly trust?: boolean;
}

export interface RunningStack {
  readonly servers: ServerAddresses;
  readonly state: StackState;
  /** True where this call started the stack. */
  readonly started: boolean;
}

/**
 * Returns the stack of the home folder, which is started as a process of its own if it is down. Any
 * number of processes may call this at once. Throws errors of the start, or the signal's reason
 * after stopping the stack that this call started.
 */
export async function ensureStack(environment: Environment, options: EnsureOptions = {}): Promise<RunningStack> {
  const { signal } = options;
  const home = openHome(environment.home);
  let started = false;
  for (;;) {
    const state = readLiveState(home);
    if (state !== null && state !== 'starting' && state.status === 'up') {
      requireSameVersion(home, state);
      const servers = serversOfState(state);
      if (servers) return { servers, state, started };
    }
    signal?.throwIfAborted();
    // Another process starts or stops the stack: wait for the result.
    if (state === null) started = (await startDetached(environment, home, options)) || started;
    else await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/**
 * Stops the stack of the home folder in any state, and processes that a crash left. Resolves to the
 * names of the stopped processes when all have ended. Throws NarrowsError `home-held` where it runs
 * in another container or on another host.
 */
export async function stopStack(
  environment: Environment,
  options: Pick<EnsureOptions, 'note' | 'signal'> = {},
): Promise<string[]> {
  const home = resolveHome(environment.home);
  if (!existsSync(home.directory)) return [];
  const stopped: string[] = [];
  for (;;) {
    const state = readLiveState(home);
    const supervisor = state === 'starting' ? findLockHolder(home.directory) : state?.supervisor;
    if (supervisor) {
      stopped.push('supervisor', ...(state === null || state === 'starting' ? [] : state.processes.map(({ name }) => name)));
      await stopProcess(supervisor, SUPERVISOR_SHUTDOWN);
      continue;
    }
    const lock = await acquireLock(home.directory);
    if (!lock) continue; // another process is starting the stack
    try {
      stopped.push(...(await stopOrphans(home, lock, options)));
      return [...new Set(stopped)];
    } finally {
      lock.release();
    }
  }
}

/** Returns the servers of the stack as a process with this role reaches them. */
export function asRole(environment: Environment, servers: ServerAddresses, role: DatabaseRole): ServerAddresses {
  const password = readPassword(resolveHome(environment.home), role);
  return { ...servers, databaseUrl: loginAs(servers.databaseUrl, role, password) };
}

export interface StackStatus {
  /** `elsewhere`: up in another container or on another host, and out of reach from here. */
  readonly state: 'up' | 'starting' | 'stopping' | 'degraded' | 'down' | 'elsewhere';
  readonly home: string;
  /** Host and process of a stack `elsewhere`. */
  readonly heldBy: { readonly host: string; readonly pid: number } | null;
  readonly startedAt: string | null;
  readonly temporal: string | null;
  /** Without the password. */
  readonly database: string | null;
  readonly dashboards: string | null;
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number;
    readonly alive: boolean;
    /** Whether it answers now; absent where it was not asked. */
    readonly answers?: boolean;
    readonly restarts: number;
  }[];
  /** Living processes of a stack whose supervisor has ended; "down" or "up" stops them. */
  readonly leftBehind: readonly string[];
}

/** Reads the state file and the process table, without requests to the servers. */
export function readStackStatus(environment: Environment): StackStatus {
  const home = resolveHome(environment.home);
  const down: StackStatus = {
    state: 'down',
    home: environment.home,
    heldBy: null,
    startedAt: null,
    temporal: null,
    database: null,
    dashboards: null,
    processes: [],
    leftBehind: [],
  };
  const holder = findLockHolder(home.directory);
  if (holder && !isLocal(holder)) return { ...down, state: 'elsewhere', heldBy: { host: holder.host, pid: holder.pid } };
  const state = readLiveState(home);
  if (state === 'starting') return { ...down, state };
  if (state === null) return { ...down, leftBehind: findOrphans(home).map(({ name }) => name) };
  const processes = state.processes.map((process) => ({
    name: process.name,
    pid: process.pid,
    alive: isAlive(process),
    restarts: process.restarts,
  }));
  const degraded = state.status === 'up' && processes.some(({ alive }) => !alive);
  return {
    ...down,
    state: degraded ? 'degraded' : state.status,
    startedAt: state.startedAt,
    temporal: state.temporal?.address ?? null,
    database: state.databaseUrl === null ? null : redactUrl(state.databaseUrl),
    dashboards: state.dashboards,
    processes: [{ name: 'supervisor', pid: state.supervisor.pid, alive: true, restarts: 0 }, ...processes],
  };
}

/**
 * Returns the status with which processes answer now: one that runs and does not answer hangs. A
 * stack is up only where all answer.
 */
export async function askStack(environment: Environment): Promise<StackStatus> {
  const status = readStackStatus(environment);
  const home = resolveHome(environment.home);
  const state = status.state === 'up' || status.state === 'degraded' ? readLiveState(home) : null;
  // Supervisors of other versions may not know the question.
  if (state === null || state === 'starting' || state.status !== 'up' || state.codeVersion !== readCodeVersion()) return status;
  const answers = await askSupervisor(home, state.supervisor.pid);
  const processes = status.processes.map((one) => ({
    ...one,
    answers: one.name === 'supervisor' ? answers !== null : one.alive && answers?.[one.name] === true,
  }));
  return { ...status, processes, state: processes.every((one) => one.alive && one.answers) ? 'up' : 'degraded' };
}

/** Returns the processes of the stack, and whether each answers now. */
export async function askProcesses(environment: Environment): Promise<{ name: string; answers: boolean }[]> {
  const { processes } = await askStack(environment);
  return processes.map(({ name, answers = false }) => ({ name, answers }));
}

/** Names the processes that run and do not answer; a silent supervisor asks none of the others. */
export function silentProcesses({ processes }: StackStatus): string[] {
  const silent = processes.filter(({ alive, answers }) => alive && answers === false).map(({ name }) => name);
  return silent.includes('supervisor') ? ['supervisor'] : silent;
}

/** Resolves to true when the new supervisor is up, to false where another process was faster. */
async function startDetached(environment: Environment, home: Home, options: EnsureOptions): Promise<boolean> {
  const { note = () => {}, signal, workers = 'auto', trust = false } = options;
  const log = openSync(join(home.logs, 'supervisor.log'), APPEND, 0o600);
  const args = ['--home', environment.home, '--workers', workers, ...(trust ? ['--trust'] : [])];
  const child = spawn(process.execPath, [...CLOSED_TO_DEBUGGERS, resolveEntry('supervisor'), ...args], {
    cwd: home.directory,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<SupervisorMessage>((resolve) => {
    const message = (how: string): SupervisorMessage => ({
      type: 'failed',
      error: { code: 'supervisor-failed', message: `the supervisor ended (${how})`, fix: `see ${home.logs}`, kind: 'failure' },
    });
    child.once('exit', (code, killer) => resolve(message(String(killer ?? code))));
    child.once('error', (error) => resolve(message(error.message)));
  });
  const onAbort = () => void child.kill('SIGTERM');
  signal?.addEventListener('abort', onAbort);
  try {
    const reported = new Promise<SupervisorMessage>((resolve) => {
      child.on('message', (message: SupervisorMessage) => {
        if (message.type === 'note') note(message.text);
        else resolve(message);
      });
    });
    const message = await Promise.race([reported, ended]);
    if (message.type === 'up') return true;
    await ended;
    signal?.throwIfAborted();
    if (message.type !== 'failed' || message.error.code === 'already-up') return false;
    const { code, message: text, path, fix, kind } = message.error;
    throw new NarrowsError(code, text, { path, fix, kind });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (child.connected) child.disconnect();
    child.unref();
  }
}
