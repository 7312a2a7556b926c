/**
 * Rows of a large sweep without its training: outcomes derived from the parameters of each trial.
 */
import type { Queryable } from '../../db/client.ts';
import type { TrialsWritten } from '../../db/queries/sweeps/revision.ts';
import { createSweep } from '../../db/queries/sweeps/sweeps.ts';
import { stream } from '../../models/random.ts';
import { type Trial, trialCount, trialId } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';

/** Trials that the engine trains at once. */
export const PACK = 64;

export interface Provenance {
  readonly datasetVersion: string;
  readonly codeVersion: string;
}

export async function createSyntheticSweep(
  sql: Queryable,
  id: string,
  spec: SweepSpec,
  { datasetVersion, codeVersion }: Provenance,
): Promise<void> {
  await createSweep(sql, {
    id,
    name: spec.name,
    spec,
    dataset: spec.dataset,
    datasetVersion,
    target: spec.target,
    planned: trialCount(spec),
    packSizes: [PACK],
    codeVersion,
  });
}

export interface SyntheticTrials extends Provenance {
  /** Trials with consecutive indices. */
  readonly trials: readonly Trial[];
  readonly writeId: number;
  /** Seconds since the end of a trial; 0 by default. */
  readonly age?: (trial: Trial) => number;
  /** Upper bound of the covered variance. */
  readonly maxValidation?: number;
  /** Difference in covered variance between successive splits. */
  readonly splitGap: number;
  /** Whether projections have structure covered variances. */
  readonly hasStructure: boolean;
  /** Every how many trials have a learning curve. */
  readonly curveInterval: number;
}

/**
 * Inserts trials with their covered variances and learning curves, as the engine's reports would.
 */
export async function insertSyntheticTrials(
  sql: Queryable,
  sweepId: string,
  { trials, writeId, age = () => 0, maxValidation = Number.POSITIVE_INFINITY, ...options }: SyntheticTrials,
): Promise<void> {
  const rows = trials.map((trial) => ({ ...syntheticRow(sweepId, trial, maxValidation), ago: age(trial) }));
  await sql`
    insert into trials (
      id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, outcome, rung, validation, failure_code, message,
      epochs, seconds, started_at, finished_at, dataset_version, engine, engine_build, code_version, host, write_id)
    select row.id, ${sweepId}, row.index, row.method, row.k, row.cell, row.configuration, row.configuration_hash, row.seed, row.outcome, 0,
           row.validation, row.failure_code, row.message, row.epochs, row.seconds,
           clock_timestamp() - make_interval(secs => row.ago + row.seconds), clock_timestamp() - make_interval(secs => row.ago),
           ${options.datasetVersion}, 'kernel', 'wasm/1', ${options.codeVersion}, 'here', ${writeId}
    from jsonb_to_recordset(${sql.json(rows as never)}) as row (
      id text, index int, method text, k int, cell text, configuration jsonb, configuration_hash text, seed bigint, outcome text,
      validation float8, failure_code text, message text, epochs int, seconds float8, ago float8)`;
  const completed = sql`
    t.sweep_id = ${sweepId} and t.outcome = 'completed'
    and t.index between ${trials[0]?.index ?? 0} and ${trials.at(-1)?.index ?? -1}`;
  await sql`
    insert into covered_variances (trial_id, split, k, covered_variance, structure_covered_variance, sweep_id, method)
    select t.id, s.split, r.k, t.validation - 0.08 * (t.k - r.k) - ${options.splitGap}::float8 * (s.position - 2),
           case when ${options.hasStructure}::boolean and t.method <> 'ednn' then 0.2 * r.k end, t.sweep_id, t.method
    from trials t cross join unnest(array['train', 'validation', 'test']) with ordinality as s (split, position)
    cross join lateral generate_series(case when t.method = 'eca' then 1 else t.k end, t.k) as r (k)
    where ${completed}`;
  await sql`
    insert into learning_curves (trial_id, train, validation, best)
    select t.id, array(select (t.validation * (1 - exp(-e / 8.0)))::real from generate_series(1, 40) as e),
           array(select (t.validation * (1 - exp(-e / 9.0)))::real from generate_series(1, 40) as e), 39
    from trials t where ${completed} and t.index % ${options.curveInterval} = 0`;
}

/** Describes a transaction that wrote synthetic trials, which have all ended. */
export const writtenTrials = (ended: number): TrialsWritten => ({
  ended,
  engine: 'kernel',
  engineBuild: 'wasm/1',
  host: 'here',
  coreSeconds: null,
});

/** Columns of a trial, except its times and provenance: the same in every run. */
function syntheticRow(sweepId: string, trial: Trial, maxValidation: number) {
  const draw = stream(7, 'luck', trial.index).uniform();
  const outcome = draw < 0.9 ? 'completed' : draw < 0.96 ? 'pruned' : draw < 0.99 ? 'diverged' : 'failed';
  const { method, k } = trial.configuration;
  const validation = outcome === 'completed' ? validationOf(trial) : outcome === 'pruned' ? 0.4 * draw : null;
  return {
    id: trialId(sweepId, trial.index),
    index: trial.index,
    method,
    k,
    cell: trial.cell,
    configuration: trial.configuration,
    configuration_hash: trial.configurationHash,
    seed: trial.seed,
    outcome,
    validation: validation === null ? null : Math.min(maxValidation, validation),
    failure_code: outcome === 'failed' ? 'EngineLost' : null,
    message: outcome === 'failed' || outcome === 'diverged' ? 'the loss is not finite' : null,
    epochs: outcome === 'completed' ? 40 : 10,
    seconds: 1 + 3 * draw,
  };
}

/**
 * Increases with width, decreases with dropout, best at a learning rate of 0.01; the rest is noise.
 */
function validationOf({ index, configuration }: Trial): number {
  const { method, k, learningRate, dropout } = configuration;
  const saturation = 1 - Math.exp(-(method === 'ednn' ? 1.8 : method === 'nnca' ? 1.4 : 1.3) * k);
  const rate = 0.05 * (Math.log10(learningRate) + 2) ** 2;
  return saturation - rate - 0.2 * dropout + 0.01 * stream(7, 'noise', index).normal();
}
