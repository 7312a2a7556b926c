/**
 * Writers of reports that share a sweep: reports a second, and how long writers wait for locks,
 * next to as many writers that have a sweep each.
 *
 * `npm run bench:writers -- --writers 1,8,48 --seconds 10`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createBlobStore } from '../db/blobs.ts';
import { openDatabase, type Sql } from '../db/client.ts';
import { migrate } from '../db/migrate.ts';
import { createSweep } from '../db/queries/sweeps/sweeps.ts';
import type { TrialEntry } from '../db/queries/trials/report-details.ts';
import { recordReports } from '../db/queries/trials/trials.ts';
import { readEnvironment } from '../infra/env.ts';
import { openHome } from '../infra/home.ts';
import { POSTGRES_SHUTDOWN, preparePostgres, startPostgres } from '../infra/postgres/server.ts';
import { openLog } from '../infra/processes/rotating-log.ts';
import { SPLITS } from '../models/axes.ts';
import { checkSpec } from '../operations/sweeps/check.ts';
import { previewTrials, trialId } from '../search/space.ts';
import type { SweepSpec } from '../search/spec.ts';
import { smallSpec, storeSmallDataset } from './orchestration/small-sweep.ts';
import { digits, quantile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    writers: { type: 'string', default: '1,8,48' },
    seconds: { type: 'string', default: '10' },
    // Rows whose latents a report brings: 92 kB of them in a real sweep of 8,000 rows.
    rows: { type: 'string', default: '8000' },
  },
});
const counts = values.writers.split(',').map(Number);
const seconds = Number(values.seconds);
const rows = Number(values.rows);
if (counts.some((count) => !(Number.isInteger(count) && count >= 1)) || !(seconds > 0) || !(rows >= 1)) {
  console.error('--writers must be whole numbers of at least 1; --seconds and --rows must be positive');
  process.exit(2);
}

/** Trials of a transaction, as trainers write them. */
const TRIALS_AT_ONCE = 16;
const MOST_TRIALS = 10_000_000;

interface Rate {
  readonly reportsPerSecond: number;
  /** Median and 95th percentile of a transaction, in milliseconds. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Share of the writers that wait for a lock of another one, at a moment. */
  readonly waiting: number;
}

/** Reports of the trials from..from + TRIALS_AT_ONCE of a sweep. */
function reportsOf(spec: SweepSpec, sweepId: string, from: number): TrialEntry[] {
  const trials = previewTrials(
    spec,
    Array.from({ length: TRIALS_AT_ONCE }, (_, i) => from + i),
  );
  return trials.map((trial): TrialEntry => {
    const { k } = trial.configuration;
    const score = 1 / (1 + (trial.index % 997));
    return {
      trial,
      trialId: trialId(sweepId, trial.index),
      rung: 0,
      report: {
        trialId: trialId(sweepId, trial.index),
        outcome: 'completed',
        epochs: 10,
        seconds: 1,
        scores: SPLITS.map((split) => ({ split, k, coveredVariance: score, structureCoveredVariance: null, errors: null })),
        emulator: [],
        latents: SPLITS.map((split) => {
          const own = Math.max(1, Math.round(split === 'train' ? 0.8 * rows : 0.1 * rows));
          return { split, k, rows: own, data: new Float32Array(own * k) };
        }),
        components: null,
        curve: { train: [score], validation: [score], best: 0 },
        model: new Uint8Array(1000),
      },
    };
  });
}

const PROVENANCE = { datasetVersion: '0'.repeat(64), engine: 'null', engineBuild: 'null/1', codeVersion: 'bench', host: 'here' };

/** Lets writers write for a while, each into its own sweep or all into one. */
async function measure(sql: Sql, watching: Sql, spec: SweepSpec, sweeps: readonly string[], writers: number): Promise<Rate> {
  const times: number[] = [];
  let samples = 0;
  let waiting = 0;
  const until = performance.now() + 1000 * seconds;
  const next = new Map(sweeps.map((id) => [id, 0]));
  const write = async (writer: number) => {
    while (performance.now() < until) {
      const id = sweeps[writer % sweeps.length] as string;
      const from = next.get(id) as number;
      next.set(id, from + TRIALS_AT_ONCE);
      const reports = reportsOf(spec, id, from);
      const begun = performance.now();
      await recordReports(sql, id, PROVENANCE, reports);
      times.push(performance.now() - begun);
    }
  };
  const watch = async () => {
    while (performance.now() < until) {
      const [row] = await watching<[{ waiting: number }]>`
        select count(*) filter (where wait_event_type = 'Lock')::int as waiting from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`;
      samples += 1;
      waiting += row.waiting;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all([watch(), ...Array.from({ length: writers }, (_, writer) => write(writer))]);
  const sorted = times.toSorted((a, b) => a - b);
  return {
    reportsPerSecond: digits((times.length * TRIALS_AT_ONCE) / seconds, 3),
    medianMs: digits(quantile(sorted, 0.5), 3),
    p95Ms: digits(quantile(sorted, 0.95), 3),
    waiting: digits(waiting / samples / writers, 2),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
const home = openHome(join(folder, 'home'));
await preparePostgres(home, readEnvironment());
const postgres = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
try {
  await migrate(postgres.url);
  const db = await openDatabase(postgres.url, { max: Math.max(...counts) });
  const watcher = await openDatabase(postgres.url, { max: 1 });
  await storeSmallDataset(db, folder);
  const { spec } = await checkSpec({ db, blobs: createBlobStore(db.sql, null) }, smallSpec('writers', MOST_TRIALS), 1);
  const create = async (id: string) => {
    await createSweep(db.sql, {
      ...{ id, name: id, spec, dataset: 'bench', datasetVersion: PROVENANCE.datasetVersion, target: 'y' },
      ...{ planned: MOST_TRIALS, packSizes: [TRIALS_AT_ONCE], codeVersion: 'bench' },
    });
    return id;
  };
  const results: Record<string, unknown>[] = [];
  for (const writers of counts) {
    const together = await measure(db.sql, watcher.sql, spec, [await create(`sone${writers}`)], writers);
    const own = [];
    for (let writer = 0; writer < writers; writer++) own.push(await create(`sown${writers}x${writer}`));
    const apart = await measure(db.sql, watcher.sql, spec, own, writers);
    results.push({ writers, together, apart, ratio: digits(together.reportsPerSecond / apart.reportsPerSecond, 3) });
    console.error(JSON.stringify(results.at(-1)));
    await db.sql`truncate sweeps cascade`;
  }
  await db.close();
  await watcher.close();
  console.log(JSON.stringify({ bench: 'writers', results }));
} finally {
  await postgres.child.stop(POSTGRES_SHUTDOWN);
  rmSync(folder, { recursive: true, force: true });
}
