/**
 * Loaded into the processes of a stack by NODE_OPTIONS. The supervisor then starts its processes
 * with clocks that can be set, and with the addresses of proxies in place of the servers'; workers
 * report the first success of each activity as a failure, while a file says so.
 */
import childProcess, { type SpawnOptions } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';

/** Addresses as host:port. */
export interface Servers {
  readonly postgres: string;
  readonly temporal: string;
}

export interface StackHooks {
  readonly proxies: Servers;
  /** File to which the addresses are written of the servers, as JSON of Servers. */
  readonly servers: string;
  /** Variables of processes by their name. */
  readonly variables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** File that exists while activities are delivered twice, with their types, ids and runs. */
  readonly repeated: string;
}

const hooks = JSON.parse(process.env.STACK_HOOKS ?? '{}') as StackHooks;
const entry = isMainThread ? basename(process.argv[1] ?? '') : '';
if (entry === 'supervisor.ts') redirectChildren();
if (entry === 'worker.ts') await deliverTwice();

function redirectChildren(): void {
  const { spawn } = childProcess;
  const redirected = (command: string, args: readonly string[], options: SpawnOptions) =>
    spawn(command, args, { ...options, env: { ...options.env, ...variablesOf([command, ...args], options) } });
  Object.assign(childProcess, { spawn: redirected });
  syncBuiltinESMExports();
}

/** Returns the additional variables of a process that the supervisor starts. */
function variablesOf(command: readonly string[], { env }: SpawnOptions): Readonly<Record<string, string>> {
  const name = nameOf(command);
  const { NARROWS_DATABASE_URL: url, TEMPORAL_ADDRESS: temporal = '' } = env ?? {};
  if (name === null || name === 'postgres' || url === undefined) return hooks.variables[name ?? ''] ?? {};
  const database = new URL(url);
  // Renamed into place: proxies may be reading it.
  writeFileSync(`${hooks.servers}.${name}`, JSON.stringify({ postgres: database.host, temporal } satisfies Servers));
  renameSync(`${hooks.servers}.${name}`, hooks.servers);
  database.host = hooks.proxies.postgres;
  return { ...hooks.variables[name], NARROWS_DATABASE_URL: database.href, TEMPORAL_ADDRESS: hooks.proxies.temporal };
}

function nameOf(command: readonly string[]): string | null {
  const role = command[command.indexOf('--role') + 1];
  if (command.some((argument) => basename(argument) === 'worker.ts')) return role ?? null;
  if (command.some((argument) => basename(argument) === 'api.ts')) return 'api';
  return command.includes('-D') ? 'postgres' : null;
}

/**
 * Makes certain what at-least-once delivery allows: an activity has done its work, the report of
 * that is lost, and Temporal delivers it again.
 */
async function deliverTwice(): Promise<void> {
  const [{ Worker }, { ApplicationFailure }] = await Promise.all([import('@temporalio/worker'), import('@temporalio/common')]);
  const loseFirstReport: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const key = `${info.activityType} ${info.activityId} ${info.workflowExecution?.runId}`;
        // A fault may have lost the first attempt; the last ones are left alone.
        const lose = () => info.attempt <= 2 && recordOnce(key);
        // Before the work as well, whose end may be the end of the sweep.
        const isLost = lose();
        const result = await next(input);
        if (!isLost && !lose()) return result;
        throw ApplicationFailure.create({ message: 'the report of a success was lost', nextRetryDelay: '1ms' });
      },
    },
  });
  /** Returns false where no activities are delivered twice, or this one was recorded before. */
  const recordOnce = (key: string): boolean => {
    if (!existsSync(hooks.repeated) || readFileSync(hooks.repeated, 'utf8').split('\n').includes(key)) return false;
    appendFileSync(hooks.repeated, `${key}\n`);
    return true;
  };
  const create = Worker.create.bind(Worker);
  Worker.create = ({ interceptors, ...options }: WorkerOptions) =>
    create({ ...options, interceptors: { ...interceptors, activity: [loseFirstReport, ...(interceptors?.activity ?? [])] } });
}
