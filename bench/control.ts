/**
 * How soon a large sweep obeys, on the embedded stack with real, tiny training: pause and cancel
 * until nothing computes, and resume until new trials are trained.
 *
 * `npm run bench:control -- --trials 100000`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connect } from '../infra/connect.ts';
import { controlSweep, type SweepAction } from '../operations/sweeps/control.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { FEWEST_TRIALS, SEEDS, startSmallSweep, storeSmallDataset } from './orchestration/small-sweep.ts';
import { digits } from './statistics.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '100000' },
    // Packs of about a second: an action comes in the middle of one.
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

async function measure({ folder, environment, state, signal }: BenchHarness): Promise<Record<string, unknown>> {
  const { db, temporal, close } = await connect(environment);
  /** Waits until a condition holds. */
  const until = async (holds: () => Promise<boolean>, what: string): Promise<void> => {
    const deadline = performance.now() + 1000 * LIMIT_SECONDS;
    while (!(await holds())) {
      signal.throwIfAborted();
      if (performance.now() > deadline) throw new Error(`not within ${LIMIT_SECONDS} s: ${what}`);
      await wait(20);
    }
  };
  const trainer = state.processes.find(({ name }) => name === 'trainer')?.pid;
  /** Seconds of processor time of the trainer so far. */
  const readCpu = () => {
    const [, fields = ''] = readFileSync(`/proc/${trainer}/stat`, 'utf8').split(') ');
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    return (user + system) / 100;
  };
  try {
    await storeSmallDataset(db, folder);
    const id = await startSmallSweep({ db, temporal }, 'control', trials, { epochs });
    const count = async () => {
      const [row] = await db.sql<[{ rows: number }]>`select count(*)::int as rows from trials where sweep_id = ${id}`;
      return row.rows;
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
    await until(async () => (await count()) > 0, 'the first trials');
    const pauseSeconds = await act('pause');
    const afterPause = await watchQuiet();
    const [paused, resumed] = [await count(), performance.now()];
    await act('resume');
    await until(async () => (await count()) > paused, 'training after the pause');
    const resumeSeconds = digits((performance.now() - resumed) / 1000, 3);
    const cancelSeconds = await act('cancel');
    const afterCancel = await watchQuiet();
    return { bench: 'control', trials, pauseSeconds, afterPause, resumeSeconds, cancelSeconds, afterCancel };
  } finally {
    await close();
  }
}

await measureOnStack('kernel', measure);
