/**
 * Cost of orchestration: a sweep on the null engine, which trains nothing, through the embedded
 * Temporal and Postgres.
 *
 * `npm run bench:orchestration -- --trials 10000`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Scratch, withScratch } from '../datasets/files/scratch.ts';
import type { CheckedDataset } from '../datasets/import/check.ts';
import { spoolMatrix } from '../datasets/import/spool.ts';
import { storeDataset } from '../datasets/import/store.ts';
import { createBlobStore } from '../db/blobs.ts';
import { saveDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { readCodeVersion } from '../infra/code-version.ts';
import { connect } from '../infra/connect.ts';
import type { StackState } from '../infra/stack/state.ts';
import { stream } from '../models/random.ts';
import { checkSpec } from '../operations/sweeps/check.ts';
import { startSweep } from '../operations/sweeps/start.ts';
import { parseSweepSpec } from '../search/schemas/spec.ts';
import { sweepWorkflowId } from '../workflows/sweep-input.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';

const { values } = parseArgs({ options: { trials: { type: 'string', default: '10000' } } });
const trials = Number(values.trials);
const SEEDS = 10;
if (!Number.isInteger(trials) || trials < 70 || trials % SEEDS !== 0) {
  console.error(`${values.trials} is not a valid number of trials. Use a multiple of ${SEEDS} of at least 70.`);
  process.exit(2);
}

/** Creates a dataset with negligible latents: the benchmark measures rows and histories. */
async function createSmallDataset(scratch: Scratch, folder: string): Promise<CheckedDataset> {
  const { normal } = stream(1, 'bench');
  const matrix = (rows: number, columns: number) =>
    spoolMatrix(scratch, [{ rows, columns, data: Float32Array.from({ length: rows * columns }, normal) }]);
  const columns = ['a', 'b', 'c'].map((name) => ({ name, unit: '' }));
  return {
    manifest: {
      name: 'bench',
      title: 'Synthetic data',
      licence: 'MIT',
      source: 'bench/orchestration.ts',
      units: {},
      descriptors: { file: 'X.npy', columns },
      targets: { y: { file: 'Y.npy', unit: '', energyUnit: 'eV' } },
    },
    version: '0'.repeat(64),
    x: await matrix(60, 3),
    columns,
    varying: 3,
    targets: { y: { y: await matrix(60, 4), energies: null } },
    groups: null,
    series: null,
    nearDuplicates: [],
    warnings: [],
    ids: null,
    files: {},
    folder,
  };
}

/** Returns the sum of the workers' peak resident memory, in MiB. */
function readWorkersPeak({ processes }: StackState): number {
  const peak = (pid: number) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  return processes
    .filter(({ name }) => name === 'orchestrator' || name === 'trainer')
    .reduce((sum, { pid }) => sum + peak(pid), 0);
}

async function measure({ folder, environment, state, signal }: BenchHarness): Promise<Record<string, unknown>> {
  const { db, temporal, close } = await connect(environment);
  try {
    await withScratch(folder, async (scratch) =>
      storeDataset(await createSmallDataset(scratch, folder), createBlobStore(db.sql, null), (row) =>
        saveDatasetVersion(db.sql, row),
      ),
    );
    const [spec] = parseSweepSpec({
      name: 'bench',
      dataset: 'bench',
      target: 'y',
      space: { k: [1, 2, 3], learningRate: { log: [0.001, 0.1] } },
      seeds: SEEDS,
      sampler: { random: { trials } },
      training: { epochs: 10, batch: 32 },
    });
    if (!spec) throw new Error('the spec of the benchmark has no target');
    const checked = await checkSpec(db, spec, 1);
    const from = performance.now();
    const id = await startSweep({ db, temporal }, checked, readCodeVersion());
    for (;;) {
      signal.throwIfAborted();
      const { state: now, message } = await findSweep(db.sql, id);
      if (now === 'completed') break;
      if (now !== 'running') throw new Error(`the sweep ended as ${now}: ${message ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const milliseconds = performance.now() - from;
    // A difference shows lost or repeated trials.
    const [{ rows, distinct }] = await db.sql<[{ rows: number; distinct: number }]>`
      select count(*)::int as rows, count(distinct (configuration_hash, seed))::int as distinct from trials where sweep_id = ${id}`;
    let maxHistoryEvents = 0;
    for await (const run of temporal.workflow.list({ query: `WorkflowId = '${sweepWorkflowId(await findSweep(db.sql, id))}'` })) {
      const { historyLength } = await temporal.workflow.getHandle(run.workflowId, run.runId).describe();
      maxHistoryEvents = Math.max(maxHistoryEvents, historyLength);
    }
    return {
      bench: 'orchestration',
      trials,
      msPerTrial: Number((milliseconds / trials).toFixed(3)),
      lost: trials - distinct,
      duplicated: rows - distinct,
      maxHistoryEvents,
      peakRssMb: Math.round(readWorkersPeak(state)),
    };
  } finally {
    await close();
  }
}

await measureOnStack('null', measure);
