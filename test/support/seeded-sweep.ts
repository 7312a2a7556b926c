/** Seeds a large sweep without training: its row, and trials as the engine would report them. */
import { syntheticRow } from '../../bench/queries/synthetic-row.ts';
import type { Sql } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { reviseSweep } from '../../db/queries/sweeps/revision.ts';
import { createSweep, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { sweepIdOf } from '../../operations/sweeps.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { type Trial, trialCount, trialsAt } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';

export interface SeededSweep {
  readonly id: string;
  readonly spec: SweepSpec;
  readonly version: string;
  readonly planned: number;
}

const SEEDS = 10;
const BLOCK = 5000;
/** Upper limit of the synthetic covered variances, which cannot exceed 1. */
const MAX_COVERED = 0.9995;

function specOf(name: string, trials: number): SweepSpec {
  const [spec] = parseSweepSpec({
    name,
    dataset: 'water',
    target: 'xes',
    space: {
      k: [1, 2, 3],
      hidden: {
        choice: [
          [16, 16],
          [32, 32],
          [64, 64],
        ],
      },
      activation: { choice: ['gelu', 'elu', 'tanh'] },
      dropout: { uniform: [0, 0.3] },
      weightDecay: { log: [1e-6, 1e-2] },
      learningRate: { log: [1e-4, 1e-1] },
    },
    seeds: SEEDS,
    sampler: { random: { trials } },
    training: { epochs: 40, batch: 64 },
  });
  return spec as SweepSpec;
}

/**
 * Creates a running sweep of `trials` trials (a multiple of ten) on the newest version of the water
 * dataset. None of its trials has started.
 */
export async function seedSweep(sql: Sql, name: string, trials: number): Promise<SeededSweep> {
  const { version } = await findDatasetVersion(sql, 'water');
  const spec = specOf(name, trials);
  const planned = trialCount(spec);
  const id = sweepIdOf('seeded', name);
  await createSweep(sql, {
    id,
    name,
    spec,
    dataset: 'water',
    datasetVersion: version,
    target: spec.target,
    planned,
    packSizes: [64],
    codeVersion: 'seeded',
  });
  return { id, spec, version, planned };
}

/** Finishes the trials from `from` to `to` (exclusive) now, one revision for each 5,000 trials. */
export async function seedTrials(sql: Sql, sweep: SeededSweep, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BLOCK) {
    const indices = Array.from({ length: Math.min(BLOCK, to - start) }, (_, i) => start + i);
    await writeTrials(sql, sweep, trialsAt(sweep.spec, indices));
  }
}

export async function endSweep(sql: Sql, { id }: SeededSweep): Promise<void> {
  await setSweepState(sql, id, 'completed');
}

async function writeTrials(sql: Sql, { id, version }: SeededSweep, trials: readonly Trial[]): Promise<void> {
  const rows = trials.map((trial) => {
    const row = syntheticRow(id, trial);
    return { ...row, validation: row.validation === null ? null : Math.min(MAX_COVERED, row.validation) };
  });
  await reviseSweep(sql, id, async (transaction, revision) => {
    await transaction`
      insert into trials (
        id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, outcome, rung, validation, failure_code, message,
        epochs, seconds, started_at, finished_at, dataset_version, engine, engine_build, code_version, host, revision)
      select row.id, ${id}, row.index, row.method, row.k, row.cell, row.configuration, row.configuration_hash, row.seed, row.outcome, 0,
             row.validation, row.failure_code, row.message, row.epochs, row.seconds, clock_timestamp() - make_interval(secs => row.seconds),
             clock_timestamp(), ${version}, 'kernel', 'wasm/1', 'seeded', 'here', ${revision}
      from jsonb_to_recordset(${sql.json(rows as never)}) as row (
        id text, index int, method text, k int, cell text, configuration jsonb, configuration_hash text, seed bigint, outcome text,
        validation float8, failure_code text, message text, epochs int, seconds float8)`;
    await transaction`
      insert into covered_variances (trial_id, split, k, covered_variance, structure_covered_variance, sweep_id, method)
      select t.id, s.split, r.k, t.validation - 0.08 * (t.k - r.k), null, t.sweep_id, t.method
      from trials t cross join unnest(array['train', 'validation', 'test']) as s (split)
      cross join lateral generate_series(case when t.method = 'eca' then 1 else t.k end, t.k) as r (k)
      where t.sweep_id = ${id} and t.revision = ${revision} and t.outcome = 'completed'`;
    await transaction`
      insert into learning_curves (trial_id, train, validation, best)
      select t.id, array(select (t.validation * (1 - exp(-e / 8.0)))::real from generate_series(1, 40) as e),
             array(select (t.validation * (1 - exp(-e / 9.0)))::real from generate_series(1, 40) as e), 39
      from trials t where t.sweep_id = ${id} and t.revision = ${revision} and t.outcome = 'completed' and t.index % ${SEEDS} = 0`;
    return true;
  });
}
