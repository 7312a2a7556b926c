/**
 * Cost of metrics: sweeps on the null engine with a worker that serves metrics, scraped every five
 * seconds, and with one that does not, in turns: elapsed time, and processor time of the worker.
 *
 * `npm run bench:metrics -- --rounds 4 --trials 3000`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connect } from '../infra/connect.ts';
import type { Servers } from '../operations/servers.ts';
import { controlSweep } from '../operations/sweeps/control.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { startSmallSweep, storeSmallDataset } from './orchestration/small-sweep.ts';
import { startService } from './service.ts';
import { digits, median } from './statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '4' }, trials: { type: 'string', default: '3000' } },
});
const rounds = Number(values.rounds);
const trials = Number(values.trials);

/** Trials before those that are measured: code is compiled, caches fill. */
const WARM_UP = 1000;
/** Sweeps of a worker that are measured. */
const SWEEPS = 3;
/** A third of what the guide advises. */
const SCRAPE_MS = 5000;

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** Returns the processor time of a process and its threads. */
function readProcessorMs(pid: number): number {
  // The name, in parentheses, may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}

/** Starts a worker of both roles, which trains nothing. */
const startWorker = (home: string, isMeasured: boolean) =>
  startService(home, ['worker', '--engine', 'null', ...(isMeasured ? ['--metrics-port', '0'] : [])]);

/**
 * Runs a sweep up to its last trial, and calls `onLast` then. Returns the milliseconds per trial.
 * The comparison at the end is not waited for.
 */
async function runSweep(servers: Servers, name: string, count: number, onLast: () => void, signal: AbortSignal): Promise<number> {
  const { sql } = servers.db;
  const id = await startSmallSweep(servers, name, count);
  for (;;) {
    signal.throwIfAborted();
    const [{ ended, seconds }] = await sql<[{ ended: number; seconds: number }]>`
      select coalesce(sum(w.ended), 0)::int as ended, extract(epoch from max(w.written_at) - max(s.started_at))::float8 as seconds
      from writes w join sweeps s on s.id = w.sweep_id where s.id = ${id}`;
    if (ended === count) {
      onLast();
      await controlSweep(servers, id, 'cancel').catch(() => {});
      return (1000 * seconds) / count;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function measure({ environment, folder, signal }: BenchHarness): Promise<Record<string, unknown>> {
  const { db, temporal, close } = await connect(environment);
  const times = { off: [] as number[], on: [] as number[] };
  const processor = { off: [] as number[], on: [] as number[] };
  let scrapes = 0;
  try {
    await storeSmallDataset(db, folder);
    for (let round = 0; round < rounds; round++) {
      // Each is first in every second round.
      for (const kind of round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
        await using worker = await startWorker(environment.home, kind === 'on');
        const { metrics } = worker;
        const scrape = () => fetch(metrics as string).then((response) => response.text().then(() => scrapes++));
        const timer = metrics === null ? undefined : setInterval(() => void scrape(), SCRAPE_MS);
        await runSweep({ db, temporal }, `warm-up-${kind}-${round}`, WARM_UP, () => {}, signal);
        for (let sweep = 0; sweep < SWEEPS; sweep++) {
          const from = readProcessorMs(worker.pid);
          const onLast = () => void processor[kind].push((readProcessorMs(worker.pid) - from) / trials);
          times[kind].push(await runSweep({ db, temporal }, `${kind}-${round}-${sweep}`, trials, onLast, signal));
        }
        clearInterval(timer);
        const [elapsed, used] = [times, processor].map((of) => digits(of[kind].at(-1) as number, 3));
        console.error(`${kind}: ${elapsed} ms per trial, ${used} ms of the worker's processor time`);
      }
    }
  } finally {
    await close();
  }
  const summary = ({ off, on }: typeof times) => {
    const ratios = off.map((without, round) => (on[round] as number) / without);
    return {
      off: digits(median(off), 3),
      on: digits(median(on), 3),
      ratio: digits(median(ratios), 4),
      // Whatever else runs on the machine makes a measurement longer, never shorter.
      ratioOfLeast: digits(Math.min(...on) / Math.min(...off), 4),
      ratios: ratios.map((ratio) => digits(ratio, 3)),
    };
  };
  return {
    bench: 'metrics',
    ...{ rounds, trials, scrapes },
    msPerTrial: summary(times),
    processorMsPerTrial: summary(processor),
  };
}

await measureOnStack('none', measure);
