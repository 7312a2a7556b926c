import type { CellEffort, ComparedBaseline, ComparedTrial } from '../../../models/evaluation/comparison.ts';
import type { Queryable, Sql } from '../../client.ts';
import { type BaselineRow, insertBaselines } from '../trials/report-details.ts';
import { selectBestConfigurations } from './best-configurations.ts';
import { reviseSweep } from './revision.ts';

/** A baseline of one seed; the seed is null where nothing is random. */
export interface SeededBaseline extends ComparedBaseline {
  readonly sweepId: string;
  readonly seed: number | null;
  readonly partition: number;
}

/**
 * Returns the trials that a comparison of these sweeps reads: within each partition, of each method
 * and width or rank those of the best configuration, by validation scores alone.
 */
export async function listComparisonTrials(sql: Queryable, sweepIds: readonly string[]): Promise<ComparedTrial[]> {
  const ids = sql`${[...sweepIds]}::text[]`;
  return sql<ComparedTrial[]>`
    with ${selectBestConfigurations(
      sql,
      sql`
      -- From one side by sweep, from the others by their keys: no plan is quadratic, not even right after a sweep, before Postgres has counted its rows.
      select v.partition, v.method, v.k, t.configuration_hash as hash, v.sweep_id, t.index, v.covered_variance as validation
      from covered_variances v
      join trials t on t.id = v.trial_id
      join covered_variances e on e.trial_id = v.trial_id and e.split = 'test' and e.k = v.k and e.covered_variance is not null
      where v.sweep_id = any(${ids}) and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'`,
    )}
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, e.k, t.seed::float8 as seed, t.partition,
           t.configuration_hash as "configurationHash", v.covered_variance as validation, e.covered_variance as test, e.structure_covered_variance as "structureTest",
           t.engine
    from best b
    join trials t on t.sweep_id = any(${ids}) and t.configuration_hash = b.hash and t.method = b.method and t.partition = b.partition
      and t.outcome = 'completed'
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = b.k and v.covered_variance is not null
    join covered_variances e on e.trial_id = t.id and e.split = 'test' and e.k = b.k and e.covered_variance is not null
    order by t.sweep_id, t.index, e.k`;
}

/**
 * Lists the scores of every baseline; of the emulator, within each partition, at the architecture
 * with most seeds that have both scores, then the highest mean on validation, then the first.
 */
export const listBaselineScores = (sql: Queryable, sweepIds: readonly string[]) =>
  sql<SeededBaseline[]>`
    with scores as (
      select e.sweep_id, e.partition, e.name, e.k, e.seed, e.configuration_hash as hash, v.covered_variance as validation, e.covered_variance as test
      from baselines e
      join baselines v using (sweep_id, partition, name, k, seed, configuration_hash)
      where e.sweep_id = any(${[...sweepIds]}::text[]) and e.split = 'test' and v.split = 'validation'
        and e.covered_variance is not null and v.covered_variance is not null
    ), placed as (
      select *, row_number() over (order by sweep_id, partition, name, k, seed, hash) as place from scores
    ), best as (
      select distinct on (partition, name, k) partition, name, k, hash from placed group by partition, name, k, hash
      order by partition, name, k, count(*) desc, avg(validation) desc, min(place)
    )
    select sweep_id as "sweepId", name, nullif(k, 0) as k, case when hash <> '' then seed::float8 end as seed,
           nullif(hash, '') as "configurationHash", partition, validation, test
    from scores join best using (partition, name, k, hash)
    order by sweep_id, partition, name, k, seed, hash`;

/** Counts what was tried of each method and width, however it ended; time is that of all trials. */
export const listEfforts = (sql: Queryable, sweepIds: readonly string[]) =>
  sql<CellEffort[]>`
    select method, k, (count(distinct configuration_hash) filter (where outcome <> 'rung'))::int as configurations,
           (count(*) filter (where outcome <> 'rung'))::int as trials,
           coalesce(sum(epochs) filter (where outcome <> 'rung'), 0)::float8 as epochs, sum(seconds)::float8 as "coreSeconds"
    from trials where sweep_id = any(${[...sweepIds]}::text[])
    group by method, k order by method, k`;

/** Inserts baselines; idempotent. */
export async function saveBaselines(sql: Sql, sweepId: string, rows: readonly BaselineRow[]): Promise<void> {
  await reviseSweep(sql, sweepId, async (transaction) =>
    (await insertBaselines(transaction, sweepId, rows)) > 0 ? 'other' : 'nothing',
  );
}

/** Replaces the sweep's final comparison. */
export async function saveComparison(sql: Sql, sweepId: string, result: unknown): Promise<void> {
  await reviseSweep(sql, sweepId, async (transaction) => {
    await transaction`
      insert into comparisons (sweep_id, result) values (${sweepId}, ${transaction.json(result as never)})
      on conflict (sweep_id) do update set result = excluded.result, compared_at = now()`;
    return 'other';
  });
}

/** Returns the sweep's final comparison; null before it exists. */
export async function findComparison(sql: Queryable, sweepId: string): Promise<unknown> {
  const [row] = await sql<{ result: unknown }[]>`select result from comparisons where sweep_id = ${sweepId}`;
  return row?.result ?? null;
}
