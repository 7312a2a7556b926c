/** Sweeps on an embedded stack whose processes are killed and stalled at random moments. */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectTo } from '../../db/client.ts';
import { readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { isAlive } from '../../infra/processes/identity.ts';
import { readState, type StackState } from '../../infra/stack/state.ts';
import { stream } from '../../models/random.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { project } from '../support/command.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { readValues } from './stored-values.ts';

const PROCESSES = ['trainer', 'orchestrator', 'api', 'temporal', 'postgres'] as const;

/** 'stop' as by a roll-out; 'stall' longer than the silence after which a worker is lost. */
const KINDS = ['kill', 'stop', 'stall'] as const;

/** Longer than the time-out of heartbeats, shorter than that of a process that hangs. */
const STALL_MS = 10_000;

/** Longer than any machine needs to go on. */
const STUCK_MS = 300_000;

export interface Fault {
  /** Number of ended trials at which it happens. */
  readonly after: number;
  readonly process: (typeof PROCESSES)[number];
  readonly kind: (typeof KINDS)[number];
}

/** Draws faults, in the order of their moments. Half of them hit the trainer. */
export function drawFaults(seed: number, count: number, trials: number): Fault[] {
  const { uniform } = stream(seed, 'faults');
  const pick = <T>(values: readonly T[]): T => values[Math.floor(uniform() * values.length)] as T;
  const faults = Array.from({ length: count }, (): Fault => {
    const process = uniform() < 0.5 ? 'trainer' : pick(PROCESSES);
    // Servers end at once only by a kill; others are stopped and stalled as well.
    const kind = process === 'temporal' || process === 'postgres' ? 'kill' : pick(KINDS);
    return { after: Math.floor(uniform() * trials), process, kind };
  });
  return faults.sort((a, b) => a.after - b.after);
}

/** Differences of a sweep from the undisturbed one. */
export interface FaultReport {
  readonly trials: number;
  /** Planned trials without a result. */
  readonly lost: number;
  readonly duplicated: number;
  /** Trials and baselines that are compared, and those whose stored values differ in any bit. */
  readonly compared: number;
  readonly different: number;
}

export interface FaultBench extends AsyncDisposable {
  /** Trials of each sweep. */
  readonly trials: number;
  /** Runs the sweep with these faults and compares it with the undisturbed one. */
  run(name: string, faults: readonly Fault[], onFault?: (fault: Fault) => void): Promise<FaultReport>;
  /** Stops the stack; returns the number of its processes that are left. */
  stop(): Promise<number>;
}

const REPEATS = 2;

/** Three methods, halving and several divisions of the rows: every kind of row of a sweep. */
const spec = (trials: number): string => `name: faults
dataset: little
target: xes
split: { repeats: ${REPEATS} }
space: { k: [1, 2], hidden: [24, 24], learningRate: { log: [0.003, 0.03] } }
seeds: 2
sampler: { random: { trials: ${Math.ceil(trials / REPEATS)} } }
halving: { reduction: 2, rungs: 2 }
training: { epochs: 60, batch: 16 }
`;

/** Starts a stack and trains a sweep of so many trials once without a fault. */
export async function startFaultBench(trials: number): Promise<FaultBench> {
  await using resources = new AsyncDisposableStack();
  const it = resources.use(project());
  writeFileSync(join(it.directory, 'spec.yaml'), spec(trials));
  await it.json(['up', '--detach']);
  await it.json(['data', 'import', writeShard(join(it.directory, 'little'), { rows: 600 })]);
  const home = resolveHome(readEnvironment({ HOME: '/' }, it.directory).home);
  const state = (): StackState => readState(home) as StackState;
  const sql = connectTo(state().databaseUrl as string, 2);
  resources.defer(() => sql.end({ timeout: 1 }));
  /** Asks again while Postgres is being restarted. */
  const ask = async <T>(query: () => Promise<T>): Promise<T> => {
    let answer: { readonly value: T } | null = null;
    await until(async () => {
      answer = await query().then(
        (value) => ({ value }),
        () => null,
      );
      return answer !== null;
    }, 'Postgres answers');
    return (answer as unknown as { value: T }).value;
  };
  const start = async (name: string) => it.json<SweepStatus>(['sweep', 'start', 'spec.yaml', '--name', name]);
  const waitForEnd = (id: string) =>
    untilStuck(
      async () =>
        ask(() => sql<[{ state: string }]>`select state from sweeps where id = ${id}`).then(([row]) => row.state !== 'running'),
      () => ask(() => sql`select revision from sweeps where id = ${id}`).then((rows) => JSON.stringify(rows)),
    );

  const { sweepId: undisturbed, counts } = await start('undisturbed');
  await waitForEnd(undisturbed);
  const expected = await readValues(sql, undisturbed);

  const strike = async ({ process: name, kind }: Fault): Promise<void> => {
    const find = () => state().processes.find((one) => one.name === name);
    await until(() => {
      const found = find();
      return found !== undefined && isAlive(found);
    }, `the ${name} runs`);
    const { pid } = find() as { pid: number };
    if (kind !== 'stall') return signal(pid, kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
    signal(pid, 'SIGSTOP');
    await wait(STALL_MS);
    signal(pid, 'SIGCONT');
  };

  const kept = resources.move();
  return {
    trials: counts.planned,
    async run(name, faults, onFault = () => {}) {
      const { sweepId } = await start(name);
      const countEnded = async () => {
        const [row] = await ask(
          () =>
            sql<[{ count: number }]>`select count(*)::int as count from trials where sweep_id = ${sweepId} and outcome <> 'rung'`,
        );
        return row.count;
      };
      for (const fault of faults) {
        await untilStuck(
          async () => (await countEnded()) >= fault.after,
          async () => String(await countEnded()),
        );
        onFault(fault);
        await strike(fault);
      }
      await waitForEnd(sweepId);
      const values = await ask(() => readValues(sql, sweepId));
      const rows = values.filter(({ key }) => key.startsWith('trial '));
      const keys = new Set(rows.map(({ key }) => key));
      const byKey = new Map(values.map(({ key, value }) => [key, value]));
      return {
        trials: counts.planned,
        lost: counts.planned - rows.filter(({ hasResult }) => hasResult).length,
        duplicated: rows.length - keys.size,
        compared: expected.length,
        different: expected.filter(({ key, value }) => byKey.get(key) !== value).length,
      };
    },
    async stop() {
      await it.narrows(['down']);
      return processesIn(it.directory);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Waits until a condition holds; throws when `sign` has not changed for minutes. */
async function untilStuck(holds: () => Promise<boolean>, sign: () => Promise<string>): Promise<void> {
  let [last, since] = ['', performance.now()];
  while (!(await holds())) {
    const now = await sign();
    if (now !== last) [last, since] = [now, performance.now()];
    if (performance.now() - since > STUCK_MS) throw new Error(`the sweep does not go on: ${last}`);
    await wait(50);
  }
}

/** Sends a signal; the process may have ended meanwhile, e.g. of an earlier fault. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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
