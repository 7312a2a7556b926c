/**
 * How soon a large sweep obeys and recovers, on the embedded stack with real, tiny training: pause
 * and cancel until nothing computes, and killed processes until training goes on.
 *
 * `npm run bench:control -- --trials 100000`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { connect } from '../infra/connect.ts';
import { resolveHome } from '../infra/home.ts';
import { readState } from '../infra/stack/state.ts';
import { controlSweep, type SweepAction } from '../operations/sweeps/control.ts';
import { progressQuery } from '../workflows/messages.ts';
import { sweepWorkflowId } from '../workflows/sweep-input.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { FEWEST_TRIALS, SEEDS, startSmallSweep, storeSmallDataset } from './orchestration/small-sweep.ts';
import { digits } from './statistics.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '100000' },
    // Packs of about a second, since recovery is a new pack that was trained.
    epochs: { type: 'string', default: '40' },
  },
});
const [trials, epochs] = [Number(values.trials), Number(values.epochs)];
if (!Number.isInteger(trials) || trials < FEWEST_TRIALS || trials % SEEDS !== 0 || !(Number.isInteger(epochs) && epochs >= 1)) {
  console.error(`--trials must be a multiple of ${SEEDS} of at least ${FEWEST_TRIALS}; --epochs must be a whole number`);
  process.exit(2);
}

/** Longer than any bar: what has not happened then does not. */
const LIMIT_SECONDS = 120;
/** Time in which nothing may happen any more. */
const QUIET_MS = 2000;
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function measure({ folder, environment, signal }: BenchHarness): Promise<Record<string, unknown>> {
  const { db, temporal, close } = await connect(environment);
  /** Waits until a condition holds; what fails meanwhile is down. Returns the seconds. */
  const until = async (holds: () => Promise<boolean>, what: string): Promise<number> => {
    const from = performance.now();
    const seconds = () => (performance.now() - from) / 1000;
    while (!(await holds().catch(() => false))) {
      signal.throwIfAborted();
      if (seconds() > LIMIT_SECONDS) throw new Error(`not within ${LIMIT_SECONDS} s: ${what}`);
      await wait(50);
    }
    return digits(seconds(), 3);
  };
  const find = (name: string) => readState(resolveHome(environment.home))?.processes.find((one) => one.name === name);
  /** Seconds of processor time of the trainer so far. */
  const readCpu = () => {
    const [, fields = ''] = readFileSync(`/proc/${find('trainer')?.pid}/stat`, 'utf8').split(') ');
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    return (user + system) / 100;
  };
  try {
    await storeSmallDataset(db, folder);
    const id = await startSmallSweep({ db, temporal }, 'control', trials, epochs);
    const workflow = temporal.workflow.getHandle(sweepWorkflowId(await findSweep(db.sql, id)));
    const count = async () => {
      const [row] = await db.sql<[{ rows: number }]>`select count(*)::int as rows from trials where sweep_id = ${id}`;
      return row.rows;
    };
    const scheduled = async () => {
      const { next, running } = await workflow.query(progressQuery);
      return { next, running };
    };
    /** Waits for new rows and a newly scheduled pack. */
    const untilTrained = async (what: string) => {
      const [rows, next] = [await count(), (await scheduled()).next];
      return until(async () => (await count()) > rows && (await scheduled()).next > next, what);
    };
    const act = async (action: SweepAction) => {
      const from = performance.now();
      await controlSweep({ db, temporal }, id, action, 1000 * LIMIT_SECONDS);
      return digits((performance.now() - from) / 1000, 3);
    };
    /** Returns the rows and the seconds of processor time of a while after the end of all work. */
    const watchQuiet = async () => {
      const [rows, cpu] = [await count(), readCpu()];
      await wait(QUIET_MS);
      return { rows: (await count()) - rows, cpuSeconds: digits(readCpu() - cpu, 2) };
    };
    /** Kills a process; returns the seconds from its replacement until training goes on. */
    const kill = async (name: string) => {
      const [rows, { next }, pid] = [await count(), await scheduled(), find(name)?.pid as number];
      process.kill(pid, 'SIGKILL');
      await until(async () => (find(name)?.pid ?? pid) !== pid, `another ${name}`);
      return until(
        async () => (await count()) > rows && (await scheduled()).next > next,
        `training after the ${name} was killed`,
      );
    };
    await until(async () => (await count()) > 0, 'the first trials');
    const pauseSeconds = await act('pause');
    const afterPause = await watchQuiet();
    const resumed = performance.now();
    await act('resume');
    await untilTrained('training after the pause');
    const resumeSeconds = digits((performance.now() - resumed) / 1000, 3);
    const recoverySeconds: Record<string, number> = {};
    for (const name of ['trainer', 'temporal', 'postgres', 'orchestrator']) recoverySeconds[name] = await kill(name);
    const cancelSeconds = await act('cancel');
    const afterCancel = await watchQuiet();
    return { bench: 'control', trials, pauseSeconds, afterPause, resumeSeconds, recoverySeconds, cancelSeconds, afterCancel };
  } finally {
    await close();
  }
}

await measureOnStack('kernel', measure);
