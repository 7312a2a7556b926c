/** Trainers as a Deployment of the chart has them: processes that come, and are asked to end. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../../../infra/processes/child.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { BIN } from '../../support/command.ts';

/** Values of the chart for a trainer: `trainerDefaults` in infra/helm/narrows/values.yaml. */
export interface TrainerValues {
  readonly engine: string;
  readonly graceSeconds: number;
  readonly resources: { readonly limits: { readonly cpu: string } };
}

export interface TrainerLife {
  readonly class: string;
  /** As histories name it. */
  readonly worker: string;
  /** Whether its class had no other when it started. */
  readonly isFirst: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** When it was asked to end, and ended; null: not yet. */
  stoppedAt: number | null;
  endedAt: number | null;
}

/** Servers and folder of a worker. */
export interface WorkerPlace {
  readonly databaseUrl: string;
  /** Address of Temporal. */
  readonly address: string;
  /** Folder in which each process has its own. */
  readonly folder: string;
}

export interface Trainers extends AsyncDisposable {
  /** All that have started, in order. */
  readonly lives: readonly TrainerLife[];
  /** Starts or stops trainers of a class, until so many run. */
  scale(trainerClass: string, count: number): Promise<void>;
}

/** Starts a worker as a pod has it: with nothing of this process' environment but its paths. */
export function startWorker(
  { databaseUrl, address, folder }: WorkerPlace,
  name: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const own = join(folder, name);
  mkdirSync(own, { mode: 0o700 });
  writeFileSync(join(own, 'database-url'), databaseUrl, { mode: 0o440 });
  const { PATH, HOME = '', XDG_CACHE_HOME = join(HOME, '.cache') } = process.env;
  return startChild({
    command: process.execPath,
    args: [BIN, 'worker', ...args],
    variables: {
      // The cache has bundles, which images bring along.
      ...{ PATH, XDG_CACHE_HOME, HOME: own, NARROWS_HOME: own },
      ...{ NARROWS_DATABASE_URL_FILE: join(own, 'database-url'), TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'default' },
      ...{ NARROWS_HEALTH_PORT: '0', ...variables },
    },
    cwd: own,
    log: openLog(join(own, 'log')),
    orphanSignal: 'SIGKILL',
  });
}

/** Seconds that the chart adds to the grace period before a trainer is killed. */
const ADDED_SECONDS = 5;

/** Creates trainers, none at first; `draw`, uniform in [0, 1), chooses those that end. */
export function createTrainers(place: WorkerPlace, values: TrainerValues, draw: () => number): Trainers {
  const lives: TrainerLife[] = [];
  let started = 0;
  const children = new Map<TrainerLife, Child>();
  const ends: Promise<unknown>[] = [];
  const { engine, graceSeconds, resources } = values;
  const variables = { NARROWS_GRACE_PERIOD: `${graceSeconds}s`, NARROWS_THREADS: resources.limits.cpu };

  async function start(trainerClass: string, isFirst: boolean): Promise<void> {
    const startedAt = Date.now();
    const args = ['--role', 'trainer', '--class', trainerClass, '--engine', engine];
    const child = await startWorker(place, `trainer-${++started}`, args, variables);
    const worker = `${child.identity.pid}@${hostname()}`;
    const life: TrainerLife = { class: trainerClass, worker, isFirst, startedAt, stoppedAt: null, endedAt: null };
    lives.push(life);
    children.set(life, child);
    const ended = child.exit.then((how) => {
      life.endedAt = Date.now();
      // Before it takes work, a process may not handle signals yet.
      const inOrder = life.stoppedAt !== null && (how === 'exit code 0' || !child.output().includes('taking work'));
      if (!inOrder) throw new Error(`${worker} ended with ${how}:\n${child.output()}`);
    });
    ended.catch(() => {});
    ends.push(ended);
  }

  function stop(life: TrainerLife): void {
    life.stoppedAt = Date.now();
    const grace = 1000 * (graceSeconds + ADDED_SECONDS);
    const sequence = [
      ['SIGTERM', grace],
      ['SIGKILL', grace],
    ] as const;
    ends.push(children.get(life)?.stop(sequence) ?? Promise.resolve());
  }

  const isRunning = ({ stoppedAt, endedAt }: TrainerLife): boolean => stoppedAt === null && endedAt === null;

  return {
    lives,
    async scale(trainerClass, count) {
      const running = lives.filter((life) => life.class === trainerClass && isRunning(life));
      for (let i = running.length; i < count; i++) await start(trainerClass, running.length === 0);
      for (let i = running.length; i > count; i--) running.splice(Math.floor(draw() * i), 1).forEach(stop);
    },
    async [Symbol.asyncDispose]() {
      lives.filter(isRunning).forEach(stop);
      await Promise.all(ends);
    },
  };
}
