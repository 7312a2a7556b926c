/** Supervisor of the stack of a home folder: starts it, restarts its processes, stops it. */
import { once } from 'node:events';
import { join } from 'node:path';
import type { DatabaseRole } from '../../db/roles.ts';
import { NarrowsError } from '../../errors.ts';
import { recordNewBlobLocation } from '../blob-store.ts';
import { readCodeVersion } from '../code-version.ts';
import type { Environment } from '../env.ts';
import { type Home, openHome, requireFreeSpace } from '../home.ts';
import { prepareRoles, type RoleUrls } from '../postgres/roles.ts';
import {
  answersQueries,
  POSTGRES_KILL,
  POSTGRES_SHUTDOWN,
  type PostgresServer,
  preparePostgres,
  startPostgres,
} from '../postgres/server.ts';
import type { Child } from '../processes/child.ts';
import type { ShutdownSequence } from '../processes/identity.ts';
import { acquireLock, type Lock } from '../processes/lock.ts';
import { findPrivateNetworks } from '../processes/private-network.ts';
import { openLog, type RotatingLog } from '../processes/rotating-log.ts';
import { type ServerAddresses, serversOfState } from '../servers.ts';
import { findTemporalCli } from '../temporal/cli.ts';
import {
  EMBEDDED_NAMESPACE,
  servesNamespace,
  startTemporal,
  TEMPORAL_SHUTDOWN,
  type TemporalServer,
} from '../temporal/server.ts';
import { ensureWorkflowBundle } from '../temporal/workflow-bundle.ts';
import type { WorkerEngine, WorkerRole } from '../worker/role.ts';
import { PATIENCE, type Patience } from './liveness.ts';
import {
  API_SHUTDOWN,
  type ApiProcess,
  askMainThread,
  startApiProcess,
  startWorkerProcess,
  WORKER_SHUTDOWN,
} from './node-process.ts';
import { stopOrphans } from './orphans.ts';
import { type Answers, answerQuestions } from './questions.ts';
import { keepRunning, type SupervisedProcess } from './restart-policy.ts';
import { readLiveState, removeState, type StackState, writeState } from './state.ts';

export interface SuperviseOptions {
  readonly environment: Environment;
  /** Aborting it stops the stack. */
  readonly signal: AbortSignal;
  /** Receives the steps of the start. */
  readonly note: (text: string) => void;
  /** Called when every process runs. */
  readonly onUp: (state: StackState) => void;
  /** `none` starts the servers only, without workers and dashboards. */
  readonly workers?: WorkerEngine | 'none';
  /** Starts the home folder's database although it was made elsewhere. */
  readonly trust?: boolean;
  readonly patience?: Patience;
}

/**
 * Runs the stack until `signal` aborts, and resolves when every process has ended. Throws
 * NarrowsError `already-up` where another process holds the home folder, and errors of the start.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const home = openHome(options.environment.home);
  // Supervisors of earlier versions hold no lock of the kernel.
  if (readLiveState(home) !== null) throw alreadyUpError(home);
  const lock = await acquireLock(home.directory);
  if (!lock) throw alreadyUpError(home);
  const lost = new AbortController();
  const watch = setInterval(() => {
    if (!lock.isHeld()) lost.abort(homeLostError(home));
  }, HOME_CHECK_MILLISECONDS);
  const signal = AbortSignal.any([options.signal, lost.signal]);
  let stopAnswering = () => {};
  try {
    await stopOrphans(home, lock, { note: options.note, signal: options.signal });
    requireFreeSpace(home.directory);
    const stack = new Stack(home, lock, { ...options, signal });
    try {
      await stack.start();
      stopAnswering = answerQuestions(home, (timeoutMs) => stack.answers(timeoutMs));
      stack.announce();
      if (!signal.aborted) options.onUp(stack.state());
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await stack.stop();
    }
    lost.signal.throwIfAborted();
  } finally {
    clearInterval(watch);
    if (lock.isHeld()) removeState(home);
    stopAnswering();
    lock.release();
  }
}

/** A removed home folder may be created anew, by another supervisor, within a second. */
const HOME_CHECK_MILLISECONDS = 500;

const alreadyUpError = ({ directory }: Home): NarrowsError =>
  new NarrowsError('already-up', `the embedded servers of ${directory} are up already`, {
    path: directory,
    fix: 'see "narrows status"',
  });

const homeLostError = ({ directory }: Home): NarrowsError =>
  new NarrowsError('home-lost', `${directory} was removed or moved while its servers ran; they have been stopped`, {
    path: directory,
    fix: 'run "narrows down" before removing or moving the folder',
    kind: 'failure',
  });

/** Ends a process that hangs: it reacts to no other signal, and what it held is stored. */
const KILL: ShutdownSequence = [['SIGKILL', 2000]];

const MAIN_THREAD = {
  ask: ({ child }: { readonly child: Child }, timeoutMs: number) => askMainThread(child, timeoutMs),
  kill: KILL,
};

class Stack {
  readonly #home: Home;
  readonly #lock: Lock;
  readonly #options: SuperviseOptions;
  readonly #log: RotatingLog;
  /** In order of start. */
  readonly #processes: SupervisedProcess<{ readonly child: Child }>[] = [];
  readonly #startedAt = new Date().toISOString();
  /** Cancels pending steps when the start fails. */
  readonly #cancel = new AbortController();
  #status: StackState['status'] = 'starting';
  #temporal: StackState['temporal'] = null;
  #databaseUrls: RoleUrls | null = null;
  #api: SupervisedProcess<ApiProcess> | null = null;

  constructor(home: Home, lock: Lock, options: SuperviseOptions) {
    this.#home = home;
    this.#lock = lock;
    this.#options = options;
    this.#log = this.#openLog('supervisor');
  }

  /** Starts everything; returns early where the signal aborts. */
  async start(): Promise<void> {
    const { signal, workers = 'auto' } = this.#options;
    this.#save();
    // On a machine's first start the download of the Temporal CLI is the slowest step; others run
    // meanwhile.
    const steps = [
      this.#startPostgres(),
      this.#startTemporal(),
      workers === 'none' ? null : ensureWorkflowBundle(this.#options.environment),
    ];
    await this.#all(steps);
    const servers = serversOfState(this.state());
    if (workers !== 'none' && servers && !signal.aborted) {
      this.#note('starting workers and dashboards');
      await this.#all([
        ...(['orchestrator', 'trainer'] as const).map((role) => this.#startWorker(role, workers, servers)),
        this.#startApi(servers),
      ]);
    }
  }

  /** Lets other processes find the stack. */
  announce(): void {
    this.#status = 'up';
    this.#save();
    this.#record('up');
  }

  /** Returns which processes answer now. */
  async answers(timeoutMs: number): Promise<Answers> {
    if (!this.#lock.isHeld()) throw homeLostError(this.#home);
    const all = this.#processes.map(async (one) => [one.name, await one.answers(timeoutMs)] as const);
    return Object.fromEntries(await Promise.all(all));
  }

  /** Stops the clients before the servers, so that their last writes succeed. */
  async stop(): Promise<void> {
    this.#status = 'stopping';
    this.#saveQuietly();
    const isServer = ({ name }: { name: string }) => name === 'postgres' || name === 'temporal';
    await Promise.all(this.#processes.filter((one) => !isServer(one)).map((one) => one.stop()));
    await Promise.all(this.#processes.filter(isServer).map((one) => one.stop()));
    this.#record('down');
  }

  state(): StackState {
    return {
      status: this.#status,
      supervisor: this.#lock.holder,
      startedAt: this.#startedAt,
      codeVersion: readCodeVersion(),
      temporal: this.#temporal,
      databaseUrl: this.#databaseUrls?.owner ?? null,
      dashboards: this.#api?.current.address ?? null,
      processes: this.#processes.map(({ name, current, restarts }) => ({ name, ...current.child.identity, restarts })),
    };
  }

  /** Waits for all steps, so that every started process is known when a failure is thrown. */
  async #all(steps: readonly (Promise<unknown> | null)[]): Promise<void> {
    for (const step of steps) step?.catch(() => this.#cancel.abort());
    const failed = (await Promise.allSettled(steps)).filter((result) => result.status === 'rejected');
    // A step that was cancelled because of another's failure is not the cause.
    const reason = failed.find((result) => !this.#isCancellation(result.reason)) ?? failed[0];
    if (reason && !this.#options.signal.aborted) throw reason.reason;
  }

  #isCancellation(reason: unknown): boolean {
    return this.#cancel.signal.aborted && reason === this.#cancel.signal.reason;
  }

  async #startPostgres(): Promise<void> {
    this.#note('starting Postgres');
    await preparePostgres(this.#home, this.#options.environment, this.#options);
    if (this.#options.signal.aborted) return;
    const log = this.#openLog('postgres');
    const started = await this.#startSupervised({
      name: 'postgres',
      shutdown: POSTGRES_SHUTDOWN,
      start: (previous: PostgresServer | null) => startPostgres(this.#home, log, previous?.port),
      ask: answersQueries,
      kill: POSTGRES_KILL,
    });
    this.#databaseUrls = await prepareRoles(this.#home, started.current.url);
    await recordNewBlobLocation(this.#databaseUrls.owner);
  }

  async #startTemporal(): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#cancel.signal]);
    const { path } = await findTemporalCli(this.#options.environment, {
      signal,
      onDownload: () => this.#note('downloading the Temporal CLI (once per user)'),
    });
    const networks = await findPrivateNetworks();
    if (signal.aborted) return;
    this.#note('starting Temporal');
    if ('missing' in networks) this.#record(`every user of this machine reaches Temporal: ${networks.missing}`);
    const log = this.#openLog('temporal');
    const started = await this.#startSupervised({
      name: 'temporal',
      shutdown: TEMPORAL_SHUTDOWN,
      start: (previous: TemporalServer | null) =>
        startTemporal({ cli: path, home: this.#home, log, networks: 'missing' in networks ? null : networks }, previous),
      ask: ({ address }, timeoutMs) => servesNamespace(address, timeoutMs),
      kill: KILL,
    });
    this.#temporal = { address: started.current.address, namespace: EMBEDDED_NAMESPACE };
  }

  async #startWorker(role: WorkerRole, engine: WorkerEngine, servers: ServerAddresses): Promise<void> {
    const log = this.#openLog(role);
    await this.#startSupervised({
      name: role,
      shutdown: WORKER_SHUTDOWN,
      start: () => startWorkerProcess(role, engine, { servers: this.#as('worker', servers), home: this.#home.directory, log }),
      ...MAIN_THREAD,
    });
  }

  async #startApi(servers: ServerAddresses): Promise<void> {
    const log = this.#openLog('api');
    this.#api = await this.#startSupervised({
      name: 'api',
      shutdown: API_SHUTDOWN,
      start: (previous: ApiProcess | null) =>
        startApiProcess(previous?.port, { servers: this.#as('api', servers), home: this.#home.directory, log }),
      ...MAIN_THREAD,
    });
    this.#save();
  }

  /** Returns the servers as a process with this role reaches them. */
  #as(role: DatabaseRole, servers: ServerAddresses): ServerAddresses {
    return { ...servers, databaseUrl: this.#databaseUrls?.[role] ?? servers.databaseUrl };
  }

  async #startSupervised<Started extends { readonly child: Child }>(
    options: Pick<Parameters<typeof keepRunning<Started>>[0], 'name' | 'start' | 'shutdown' | 'ask' | 'kill'>,
  ): Promise<SupervisedProcess<Started>> {
    const started = await keepRunning<Started>({
      ...options,
      start: (previous) => {
        // Postgres must not start again on a cluster that replaced its own.
        if (!this.#lock.isHeld()) throw homeLostError(this.#home);
        return options.start(previous);
      },
      patience: this.#options.patience ?? PATIENCE,
      onChange: () => this.#saveQuietly(),
      onMessage: (message) => this.#record(message),
    });
    this.#processes.push(started);
    this.#save();
    return started;
  }

  #openLog(name: string): RotatingLog {
    return openLog(join(this.#home.logs, `${name}.log`));
  }

  #note(text: string): void {
    this.#record(text);
    this.#options.note(text);
  }

  /** Writes to the log, which is another stack's once the folder has been replaced. */
  #record(text: string): void {
    if (this.#lock.isHeld()) this.#log.write(`${stamp()} ${text}\n`);
  }

  #save(): void {
    if (this.#lock.isHeld()) writeState(this.#home, this.state());
  }

  /** A full disk should not stop a running stack. */
  #saveQuietly(): void {
    try {
      this.#save();
    } catch (error) {
      this.#record((error as Error).message);
    }
  }
}

const stamp = (): string => new Date().toISOString();
