/** Covered variance of a sweep: linear references, and facts about its cells. */
import type { SplitName } from '../../../models/axes.ts';
import type { Queryable } from '../../client.ts';
import type { CellKey } from '../trials/models.ts';

interface LinearBaseline {
  readonly name: string;
  readonly k: number | null;
  readonly partition: number;
  readonly coveredVariance: number;
}

/**
 * Lists the linear baselines on one split. Emulators, of which there are as many as trials, are
 * skipped by the index: their name is between the two ranges.
 */
export const listLinearBaselines = (sql: Queryable, sweepId: string, split: SplitName) =>
  sql<LinearBaseline[]>`
    select name, nullif(k, 0) as k, partition, avg(covered_variance) as "coveredVariance" from baselines
    where sweep_id = ${sweepId} and (name < 'emulator' or name > 'emulator') and split = ${split} and covered_variance is not null
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
