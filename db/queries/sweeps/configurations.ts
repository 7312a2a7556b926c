/** Configurations of a sweep with the means of their validation scores over seeds. */
import type { Cell } from '../../../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { Condition } from '../../../search/columns/where.ts';
import type { Queryable } from '../../client.ts';
import { TRIAL_EXPRESSIONS, whereSql } from '../trials/where.ts';

/** A configuration at a width or rank: means over its completed trials that have a score. */
export interface ScoredConfiguration extends Cell {
  readonly configurationHash: string;
  readonly config: TrialConfiguration;
  /** Number of its first such trial. */
  readonly index: number;
  readonly seeds: number;
  readonly coveredVariance: number;
  /** Null where the method has no expansion, or a seed has no score of it. */
  readonly structureCoveredVariance: number | null;
  readonly seconds: number;
}

/** A score's k is its width or rank, as in results. */
const COLUMNS = { ...TRIAL_EXPRESSIONS, k: 'v.k' };

/**
 * Lists the configurations with a validation score on one partition, in the order of their trials;
 * of the trials that satisfy the conditions. They are computed once, whatever Postgres expects of
 * tables without statistics. Sums are in a fixed order, so that the ranks of one fit have exactly
 * the same mean time.
 */
export const listScoredConfigurations = (
  sql: Queryable,
  sweepId: string,
  { partition, where }: { readonly partition: number; readonly where: readonly Condition[] },
) =>
  sql<ScoredConfiguration[]>`
    with scored as materialized (
      select v.method, v.k, t.configuration_hash as hash, min(t.index) as index, count(*)::int as seeds,
             avg(v.covered_variance order by t.index) as score, avg(t.seconds order by t.index) as seconds,
             case when count(v.structure_covered_variance) = count(*) then avg(v.structure_covered_variance order by t.index) end as structure
      from covered_variances v join trials t on t.id = v.trial_id
      where v.sweep_id = ${sweepId} and v.split = 'validation' and v.partition = ${partition} and v.covered_variance is not null
        and t.outcome = 'completed' ${whereSql(sql, where, COLUMNS)}
      group by v.method, v.k, t.configuration_hash
    )
    select s.method, s.k, s.hash as "configurationHash", t.configuration as config, s.index, s.seeds,
           s.score as "coveredVariance", s.structure as "structureCoveredVariance", s.seconds
    from scored s join trials t on t.sweep_id = ${sweepId} and t.index = s.index
    order by s.index, s.k`;
