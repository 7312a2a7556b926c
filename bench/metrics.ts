/**
 * Cost of metrics: sweeps on the null engine with a worker that serves metrics, scraped every
 * second, and with one that does not, in turns.
 *
 * `npm run bench:metrics -- --rounds 4 --trials 5000`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { connect } from '../infra/connect.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { startSmallSweep, storeSmallDataset } from './orchestration/small-sweep.ts';
import { digits, median } from './statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '4' }, trials: { type: 'string', default: '5000' } },
});
const rounds = Number(values.rounds);
const trials = Number(values.trials);

/** Trials before those that are measured: code is compiled, caches fill. */
const WARM_UP = 1000;
const SCRAPE_MS = 1000;
const CLI = fileURLToPath(new URL('../bin/narrows.js', import.meta.url));

interface Worker extends AsyncDisposable {
  /** Null without metrics. */
  readonly metrics: string | null;
}

/** Starts a worker of both roles; resolves once it takes work. */
async function startWorker(home: string, isMeasured: boolean): Promise<Worker> {
  const args = [CLI, 'worker', '--engine', 'null', ...(isMeasured ? ['--metrics-port', '0'] : [])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NARROWS_HOME: home, NARROWS_LOG_FORMAT: 'text' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => {
      output += text.toString();
      if (/taking work/.test(output)) resolve();
    });
    ended.then(() => reject(new Error(output)));
  });
  return {
    metrics: /serving metrics at (\S+)/.exec(output)?.[1] ?? null,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a sweep; returns the milliseconds per trial, from its start to its last trial. */
async function runSweep(
  servers: { readonly db: Database; readonly temporal: Client },
  name: string,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  const id = await startSmallSweep(servers, name, count);
  for (;;) {
    signal.throwIfAborted();
    const { state, message } = await findSweep(servers.db.sql, id);
    if (state === 'completed') break;
    if (state !== 'running') throw new Error(`the sweep ended as ${state}: ${message ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [{ seconds }] = await servers.db.sql<[{ seconds: number }]>`
    select extract(epoch from max(t.finished_at) - max(s.started_at))::float8 as seconds
    from trials t join sweeps s on s.id = t.sweep_id where s.id = ${id}`;
  return (1000 * seconds) / count;
}

async function measure({ environment, folder, signal }: BenchHarness): Promise<Record<string, unknown>> {
  const { db, temporal, close } = await connect(environment);
  const times = { off: [] as number[], on: [] as number[] };
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
        await runSweep({ db, temporal }, `warm-up-${kind}-${round}`, WARM_UP, signal);
        times[kind].push(await runSweep({ db, temporal }, `${kind}-${round}`, trials, signal));
        clearInterval(timer);
        console.error(`${kind}: ${digits(times[kind].at(-1) as number, 3)} ms per trial`);
      }
    }
  } finally {
    await close();
  }
  const ratios = times.off.map((off, round) => (times.on[round] as number) / off);
  return {
    bench: 'metrics',
    ...{ rounds, trials, scrapes },
    offMsPerTrial: digits(median(times.off), 3),
    onMsPerTrial: digits(median(times.on), 3),
    ratio: digits(median(ratios), 4),
    ratios: ratios.map((ratio) => digits(ratio, 3)),
  };
}

await measureOnStack('none', measure);
