/** Covered variance of a sweep: the best configuration of each method and width, and references. */
import type { SplitName } from '../../../models/axes.ts';
import type { Queryable } from '../../client.ts';
import type { BestTrial, CellKey } from '../trials/models.ts';
import { selectBestConfigurations } from './best-configurations.ts';

interface ChosenTrial extends BestTrial {
  readonly seed: number;
  readonly partition: number;
  readonly configurationHash: string;
  readonly structureValidation: number | null;
  /** Number of configurations of this method and width with a score, in the trial's partition. */
  readonly configurations: number;
}

/** Returns the best configuration's trials of each partition, method and width or rank. */
export const listChosenTrials = (sql: Queryable, sweepId: string) =>
  sql<ChosenTrial[]>`
    with ${selectBestConfigurations(
      sql,
      sql`
      select v.partition, v.method, v.k, t.configuration_hash as hash, v.sweep_id, t.index, v.covered_variance as validation
      from covered_variances v join trials t on t.id = v.trial_id
      where v.sweep_id = ${sweepId} and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'`,
    )}
    select b.method, b.k, t.id as "trialId", t.seed::float8 as seed, b.partition, b.hash as "configurationHash", v.covered_variance as validation,
           v.structure_covered_variance as "structureValidation", b.configurations
    from best b
    join trials t on t.sweep_id = ${sweepId} and t.configuration_hash = b.hash and t.partition = b.partition and t.outcome = 'completed'
    join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = b.k and v.covered_variance is not null
    order by b.method, b.k, t.index`;

interface EmulatorScore {
  readonly seed: number;
  readonly configurationHash: string;
  readonly validation: number;
  readonly partition: number;
}

/** Lists the emulator's validation scores, of each partition at the best architecture by mean. */
export const listEmulatorScores = (sql: Queryable, sweepId: string) =>
  sql<EmulatorScore[]>`
    with scores as (
      select partition, seed, configuration_hash as hash, covered_variance as validation from baselines
      where sweep_id = ${sweepId} and name = 'emulator' and split = 'validation' and covered_variance is not null
    ), best as (
      select distinct on (partition) partition, hash from scores group by partition, hash order by partition, avg(validation) desc, hash
    )
    select seed::float8 as seed, partition, hash as "configurationHash", validation from scores join best using (partition, hash)
    order by partition, seed`;

interface LinearBaseline {
  readonly name: string;
  readonly k: number | null;
  readonly partition: number;
  readonly coveredVariance: number;
}

/** Lists the linear baselines on one split. */
export const listLinearBaselines = (sql: Queryable, sweepId: string, split: SplitName) =>
  sql<LinearBaseline[]>`
    select name, nullif(k, 0) as k, partition, avg(covered_variance) as "coveredVariance" from baselines
    where sweep_id = ${sweepId} and configuration_hash = '' and split = ${split} and covered_variance is not null
    group by name, baselines.k, partition order by name, baselines.k, partition`;

interface CellSummary extends CellKey {
  readonly configurations: number;
  /** Best trial on validation of the given configuration, among those of the first partition. */
  readonly bestTrial: string | null;
}

/** Counts the configurations of cells, and finds the best trial of their given configuration. */
export const summariseCells = (
  sql: Queryable,
  sweepId: string,
  cells: readonly (CellKey & { readonly configurationHash: string })[],
) =>
  sql<CellSummary[]>`
    with tried as (
      select v.method, v.k, count(distinct t.configuration_hash)::int as configurations
      from covered_variances v join trials t on t.id = v.trial_id
      where v.sweep_id = ${sweepId} and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'
      group by v.method, v.k
    )
    select cell.method, cell.k, coalesce(tried.configurations, 0) as configurations, top.id as "bestTrial"
    from unnest(${cells.map(({ method }) => method)}::text[], ${cells.map(({ k }) => k)}::int[],
                ${cells.map(({ configurationHash }) => configurationHash)}::text[]) as cell (method, k, hash)
    left join tried using (method, k)
    left join lateral (
      select t.id from trials t join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = cell.k
      where t.sweep_id = ${sweepId} and t.configuration_hash = cell.hash and t.partition = 0 and v.covered_variance is not null
      order by v.covered_variance desc, t.index limit 1
    ) as top on true`;
