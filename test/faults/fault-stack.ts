/** An embedded stack whose processes, networks and clocks a test disturbs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectTo, type Sql } from '../../db/client.ts';
import { readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { isAlive, type ProcessIdentity } from '../../infra/processes/identity.ts';
import type { StackStatus } from '../../infra/stack/stack.ts';
import { readState, type StackState } from '../../infra/stack/state.ts';
import { BIN, type Project, project } from '../support/command.ts';
import { startProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';
import { CLOCKS, type Network, type Process, type Strike } from './draw-faults.ts';
import type { Servers, StackHooks } from './stack-hooks.ts';
import { buildWallClocks } from './wall-clock.ts';

/** Longer than the time-out of heartbeats, shorter than that of a process that hangs. */
const SILENCE_MS = 10_000;

export interface FaultStack extends AsyncDisposable {
  readonly project: Project;
  /** Connects by a way that no fault cuts, to whichever server runs. */
  readonly sql: Sql;
  /** Returns the address of Temporal, as host:port. */
  temporal(): string;
  /** Whether clocks can be set here. */
  readonly hasClocks: boolean;
  /** Resolves when the fault is over: what it hit runs again, or is being restarted. */
  strike(strike: Strike): Promise<void>;
  /** Waits until every process runs and answers. */
  untilUp(): Promise<void>;
  /** Returns the running process of this name. */
  find(name: Process): Promise<ProcessIdentity>;
  /** Ends the repeated deliveries; returns the types of the activities that were repeated. */
  endRepeats(): string[];
  /** Stops everything; returns the number of processes that are left. */
  stop(): Promise<number>;
}

/** Starts a stack with these variables in its environment. */
export async function startFaultStack(variables: Readonly<Record<string, string>> = {}): Promise<FaultStack> {
  await using resources = new AsyncDisposableStack();
  const it = resources.use(project());
  const home = resolveHome(readEnvironment({ HOME: '/' }, it.directory).home);
  const state = () => readState(home) as StackState;
  const servers = join(it.directory, 'servers');
  const addressOf = (name: Network) => new URL(`tcp://${(JSON.parse(readFileSync(servers, 'utf8')) as Servers)[name]}`);
  const networks = {
    postgres: resources.use(await startProxy('tcp://localhost', () => addressOf('postgres'))),
    temporal: resources.use(await startProxy('tcp://localhost', () => addressOf('temporal'))),
  } satisfies Record<Network, unknown>;
  const clocks = buildWallClocks(join(it.directory, 'clocks'), CLOCKS);
  const repeated = join(it.directory, 'repeated');
  const hooks: StackHooks = {
    proxies: { postgres: new URL(networks.postgres.url).host, temporal: new URL(networks.temporal.url).host },
    servers,
    variables: Object.fromEntries(CLOCKS.map((name) => [name, clocks?.variablesOf(name) ?? {}])),
    repeated,
  };
  const up = async () => {
    const hooked = {
      ...variables,
      NODE_OPTIONS: `--import ${new URL('stack-hooks.ts', import.meta.url)}`,
      STACK_HOOKS: JSON.stringify(hooks),
    };
    const { code, stderr } = await it.narrows(['up', '--detach'], { variables: hooked });
    if (code !== 0) throw new Error(`narrows up: exit ${code}\n${stderr}`);
  };
  await up();

  const uncut = resources.use(await startProxy(state().databaseUrl ?? '', () => addressOf('postgres')));
  const sql = connectTo(uncut.url, 2, { failFast: true });
  resources.defer(() => sql.end({ timeout: 1 }));

  const find = async (name: Process): Promise<ProcessIdentity> => {
    let found: ProcessIdentity | undefined;
    await until(() => {
      const { supervisor, processes } = state();
      found = name === 'supervisor' ? supervisor : processes.find((one) => one.name === name);
      return found !== undefined && isAlive(found);
    }, `the ${name} runs`);
    return found as ProcessIdentity;
  };

  /** Kills the supervisor, with which all processes end, and starts the stack anew. */
  const killSupervisor = async () => {
    const supervisor = await find('supervisor');
    const { processes } = state();
    signal(supervisor, 'SIGKILL');
    await up();
    await until(() => !processes.some(isAlive), 'the processes of the killed supervisor end');
  };

  /** Lets another trainer work meanwhile, so that what the first one writes later is too late. */
  const withSpareTrainer = async (work: () => Promise<void>) => {
    const spare = spawn(process.execPath, [BIN, 'worker', '--role', 'trainer'], { cwd: it.directory, stdio: 'ignore' });
    try {
      await work();
    } finally {
      await stopChild(spare);
    }
  };

  const kept = resources.move();
  return {
    project: it,
    sql,
    temporal: () => addressOf('temporal').host,
    hasClocks: clocks !== null,
    find,
    untilUp: () => until(async () => (await it.json<StackStatus>(['status'])).state === 'up', 'the stack is up'),
    async strike(strike) {
      switch (strike.kind) {
        case 'kill':
          if (strike.target === 'supervisor') return killSupervisor();
          return signal(await find(strike.target), 'SIGKILL');
        case 'stop':
          return signal(await find(strike.target), 'SIGTERM');
        case 'stall': {
          const stalled = await find(strike.target);
          signal(stalled, 'SIGSTOP');
          await withSpareTrainer(() => wait(SILENCE_MS));
          return signal(stalled, 'SIGCONT');
        }
        case 'cut':
          await networks[strike.target].disconnect();
          await wait(SILENCE_MS);
          return networks[strike.target].reconnect();
        case 'hold':
          networks[strike.target].hold();
          await withSpareTrainer(() => wait(SILENCE_MS));
          return networks[strike.target].release();
        case 'clock':
          return clocks?.set(strike.target, strike.seconds);
        case 'repeat':
          return writeFileSync(repeated, '', { flag: 'a' });
      }
    },
    endRepeats() {
      const types = existsSync(repeated) ? readFileSync(repeated, 'utf8').split('\n') : [];
      rmSync(repeated, { force: true });
      return types.flatMap((line) => line.split(' ', 1)).filter((type) => type !== '');
    },
    async stop() {
      await it.narrows(['down']);
      return processesIn(it.directory);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Sends a signal; the process may have ended meanwhile, e.g. of an earlier fault. */
function signal({ pid }: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Counts the processes that run in a folder. */
function processesIn(directory: string): number {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readlinkSync(`/proc/${entry}/cwd`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;
}
