import type { PendingQuery, Row } from 'postgres';
import type { Finding } from '../../../search/continuing/findings.ts';
import type { Queryable } from '../../client.ts';

/**
 * Returns common table expressions that end in `best` (partition, method, k, hash, configurations):
 * within each partition, of each method and width or rank, the best configuration among the scores,
 * and how many there are. This is chooseConfigurations of models/evaluation/comparison.ts as SQL:
 * most seeds, then the highest mean on validation, then the first; a test compares the two.
 *
 * `scores` selects partition, method, k, hash, sweep_id, index and validation of completed trials.
 */
export const selectBestConfigurations = (sql: Queryable, scores: PendingQuery<Row[]>) => sql`
    scores as (${scores}
    ), parts as (
      select partition, method, k, hash, sweep_id, count(*) as seeds, sum(validation) as total, min(index) as first
      from scores group by partition, method, k, hash, sweep_id
    ), ranked as (
      select partition, method, k, hash, sum(seeds) as seeds, sum(total) / sum(seeds) as mean,
             (array_agg(sweep_id order by sweep_id))[1] as first_sweep, (array_agg(first order by sweep_id))[1] as first
      from parts group by partition, method, k, hash
    ), best as (
      select distinct on (partition, method, k) partition, method, k, hash,
             (count(*) over (partition by partition, method, k))::int as configurations
      from ranked order by partition, method, k, seeds desc, mean desc, first_sweep, first
    )`;

/** Configurations of each cell that are read at most. */
const MOST_FINDINGS = 1000;

/**
 * Lists the configurations of a sweep that have completed trials, best first within each cell, in
 * the order of selectBestConfigurations; by scores of the first partition.
 */
export const listBestFindings = (sql: Queryable, sweepId: string) =>
  sql<Finding[]>`
    with configurations as (
      select cell, configuration_hash, count(*) as seeds, avg(validation) as mean, min(index) as first
      from trials where sweep_id = ${sweepId} and outcome = 'completed' and partition = 0 and validation is not null
      group by cell, configuration_hash
    ), ranked as (
      select cell, first, row_number() over (partition by cell order by seeds desc, mean desc, first) as place from configurations
    )
    select t.cell, t.configuration from ranked r join trials t on t.sweep_id = ${sweepId} and t.index = r.first
    where r.place <= ${MOST_FINDINGS} order by t.cell, r.place`;
