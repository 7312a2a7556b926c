/**
 * Cost of orchestration: sweeps on the null engine, which trains nothing, through the embedded
 * Temporal and Postgres, one after another, and Optuna's trials on the same Postgres.
 *
 * `npm run bench:orchestration -- --sizes 10000,100000 --peer-trials 1000`;
 * `--sampler tpe --seeds 1` for proposed points, `--epochs 100000` for packs of few trials
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { connect } from '../infra/connect.ts';
import type { StackState } from '../infra/stack/state.ts';
import { sweepWorkflowId } from '../workflows/sweep-input.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { measureOptuna } from './orchestration/optuna.ts';
import { FEWEST_TRIALS, SEEDS, SMALL_SAMPLERS, startSmallSweep, storeSmallDataset } from './orchestration/small-sweep.ts';
import { createPeersDatabase } from './peers/database.ts';
import { digits } from './statistics.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string' },
    // One sweep after another in one run: their ratio is that of one machine at one time.
    sizes: { type: 'string' },
    // Optuna's cost of a trial rises with the trials of its study; 0: without Optuna.
    'peer-trials': { type: 'string', default: '1000' },
    // An adaptive sampler proposes one point for so many trials.
    sampler: { type: 'string', default: 'random' },
    seeds: { type: 'string', default: String(SEEDS) },
    // Nothing is trained, but packs are sized by the work that it would be.
    epochs: { type: 'string', default: '10' },
  },
});
const sizes = (values.sizes ?? values.trials ?? '10000').split(',').map(Number);
const peerTrials = Number(values['peer-trials']);
const seeds = Number(values.seeds);
const epochs = Number(values.epochs);
if (!Number.isInteger(seeds) || seeds < 1) {
  console.error(`${values.seeds} is not a valid number of seeds. Use a whole number.`);
  process.exit(2);
}
if (!Number.isInteger(epochs) || epochs < 1) {
  console.error(`${values.epochs} is not a valid number of epochs. Use a whole number.`);
  process.exit(2);
}
const sampler = SMALL_SAMPLERS.find((name) => name === values.sampler) ?? exitWithSamplers();
const wrong = sizes.find((trials) => !Number.isInteger(trials) || trials < FEWEST_TRIALS || trials % seeds !== 0);
if (wrong !== undefined) {
  console.error(`${wrong} is not a valid number of trials. Use a multiple of ${seeds} of at least ${FEWEST_TRIALS}.`);
  process.exit(2);
}
if (!Number.isInteger(peerTrials) || peerTrials < 0) {
  console.error(`${values['peer-trials']} is not a valid number of Optuna's trials. Use 0, or a whole number.`);
  process.exit(2);
}

function exitWithSamplers(): never {
  console.error(`${values.sampler} is not a valid sampler. Use ${SMALL_SAMPLERS.join(', ')}.`);
  process.exit(2);
}

/** Trials of a sweep before the first that is measured: code is compiled, caches fill. */
const WARM_UP = 1000;

interface Measured {
  readonly trials: number;
  readonly trialsPerPack: number;
  readonly msPerTrial: number;
  /** From the last trial to the end of the sweep. */
  readonly closeSeconds: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly maxHistoryEvents: number;
  /** Sum of the workers' peak resident memory so far, and the orchestrator's, in MiB. */
  readonly peakRssMb: number;
  readonly orchestratorMb: number;
}

/** Returns the peak resident memory of a kind of worker so far, in MiB. */
const readPeak = ({ processes }: StackState, role: string): number =>
  processes
    .filter(({ name }) => name === role)
    .map(({ pid }) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
    .reduce((sum, peak) => sum + peak, 0);

/** Runs a sweep to its end; returns its id and the milliseconds that it took. */
async function runSweep(
  servers: { readonly db: Database; readonly temporal: Client },
  name: string,
  trials: number,
  signal: AbortSignal,
): Promise<{ id: string; milliseconds: number }> {
  const from = performance.now();
  const id = await startSmallSweep(servers, name, trials, { sampler, seeds, epochs });
  for (;;) {
    signal.throwIfAborted();
    const { state, message } = await findSweep(servers.db.sql, id);
    if (state === 'completed') return { id, milliseconds: performance.now() - from };
    if (state !== 'running') throw new Error(`the sweep ended as ${state}: ${message ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function measureSweep(
  servers: { readonly db: Database; readonly temporal: Client },
  trials: number,
  { state, signal }: BenchHarness,
): Promise<Measured> {
  const { id, milliseconds } = await runSweep(servers, `bench-${trials}`, trials, signal);
  const { sql } = servers.db;
  // A difference shows lost or repeated trials.
  const [{ rows, distinct, close }] = await sql<[{ rows: number; distinct: number; close: number }]>`
    select count(*)::int as rows, count(distinct (t.configuration_hash, t.seed))::int as distinct,
           extract(epoch from max(s.finished_at) - max(t.finished_at))::float8 as close
    from trials t join sweeps s on s.id = t.sweep_id where s.id = ${id}`;
  const sweep = await findSweep(sql, id);
  let maxHistoryEvents = 0;
  for await (const run of servers.temporal.workflow.list({ query: `WorkflowId = '${sweepWorkflowId(sweep)}'` })) {
    const { historyLength } = await servers.temporal.workflow.getHandle(run.workflowId, run.runId).describe();
    maxHistoryEvents = Math.max(maxHistoryEvents, historyLength);
  }
  const orchestratorMb = Math.round(readPeak(state, 'orchestrator'));
  return {
    trials,
    trialsPerPack: sweep.packSizes[0] ?? 0,
    msPerTrial: digits(milliseconds / trials, 3),
    closeSeconds: digits(close, 3),
    lost: trials - distinct,
    duplicated: rows - distinct,
    maxHistoryEvents,
    peakRssMb: orchestratorMb + Math.round(readPeak(state, 'trainer')),
    orchestratorMb,
  };
}

async function measure(harness: BenchHarness): Promise<Record<string, unknown>> {
  const { db, temporal, close } = await connect(harness.environment);
  try {
    await storeSmallDataset(db, harness.folder);
    await runSweep({ db, temporal }, 'warm-up', WARM_UP, harness.signal);
    const measured: Measured[] = [];
    for (const trials of sizes) {
      measured.push(await measureSweep({ db, temporal }, trials, harness));
      console.error(JSON.stringify(measured.at(-1)));
    }
    const url = harness.state.databaseUrl;
    const optuna =
      peerTrials === 0 || url === null
        ? null
        : await measureOptuna(await createPeersDatabase(harness.environment.home, url), peerTrials);
    const last = measured.at(-1) as Measured;
    return {
      bench: 'orchestration',
      sampler,
      ...last,
      // Against the first size.
      growth: digits(last.msPerTrial / (measured[0] as Measured).msPerTrial, 3),
      sizes: measured,
      optuna: optuna?.version ?? null,
      optunaTrials: optuna?.trials ?? null,
      optunaMsPerTrial: optuna && digits(optuna.msPerTrial, 3),
      ratio: optuna && digits(optuna.msPerTrial / last.msPerTrial, 3),
    };
  } finally {
    await close();
  }
}

await measureOnStack('null', measure);
